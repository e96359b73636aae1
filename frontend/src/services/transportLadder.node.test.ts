import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FakeAudioServer } from "../testing/fakeAudioServer";
import { EVENTS, TYPES } from "../testing/fakeRuns";
import { Listener, until, untilInTime } from "../testing/listener";
import { TestEnvironment } from "../testing/testEnvironment";
import type { TransportName } from "./audioTransport";
import { TransportLadder } from "./transportLadder";

const AUDIO = new Blob([new Uint8Array([1, 2, 3])], { type: "audio/wav" });
const COMPLETE = { type: "complete", data: { timings: {} } } as const;

describe("TransportLadder", () => {
  let server: FakeAudioServer;
  let environment: TestEnvironment;
  let transport: TransportLadder;
  let heard: Listener;

  const start = (preferred: TransportName = "websocket") => {
    transport = new TransportLadder(preferred, environment);
    heard = new Listener(transport);
    transport.connect({ baseUrl: server.url, token: "t1", sessionId: 7, clientId: "tab" });
  };
  const fallen = () => untilInTime(environment, () => transport.status.state === "fallback");
  const read = async () => {
    const id = transport.sendAudio(AUDIO, "The cat sat.");
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(TYPES);
  };
  const begin = async () => {
    server.behaviour.events = [];
    const id = transport.sendAudio(AUDIO, "The cat sat.");
    await untilInTime(environment, () => heard.types(id).includes("processing_started"));
    return id;
  };

  beforeEach(async () => {
    server = await new FakeAudioServer().start();
    environment = new TestEnvironment();
  });

  afterEach(async () => {
    transport.disconnect();
    await server.stop();
    await until(() => environment.open + environment.clock.pending === 0);
  });

  it("goes over the WebSocket first", async () => {
    start();
    await read();
    expect(server.requests).toEqual([]);
    expect(transport.status).toEqual({ state: "ready", reason: "live", transport: "websocket" });
  });

  it("goes over SSE within 5 s when three handshakes fail, and takes along what waits", async () => {
    server.behaviour.handshake = "refuse";
    start();
    const id = transport.sendAudio(AUDIO, "The cat sat.");
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(environment.clock.now).toBeLessThan(5000);
    expect(server.handshakes).toBe(3);
    expect(heard.types(id)).toEqual(TYPES);
    expect(transport.status).toEqual({ state: "fallback", reason: "blocked", transport: "sse" });
  });

  it.each(["silent", "hang"] as const)("goes over SSE within 5 s when a WebSocket stays %s", async (handshake) => {
    server.behaviour.handshake = handshake;
    start();
    await until(() => server.handshakes === 1);
    environment.clock.advance(4500);
    await until(() => transport.status.state === "fallback");
    expect(environment.clock.now).toBeLessThan(5000);
    await read();
  });

  it("does not take a server that is away for a network without WebSockets", async () => {
    start();
    await until(() => transport.status.state === "ready");
    const port = Number(new URL(server.url).port);
    await server.stop();
    await untilInTime(environment, () => environment.socketsOpened > 5);
    expect(transport.status).toEqual({ state: "reconnecting", reason: "unreachable", transport: "websocket" });
    await server.start(port);
    await untilInTime(environment, () => transport.status.state === "ready");
  });

  it.each([4401, 4409])("does not take %i instead of a greeting for a blocked WebSocket", async (code) => {
    server.behaviour.closeInsteadOfReady = code;
    start();
    await until(() => transport.status.state === "idle");
    expect(transport.status.transport).toBe("websocket");
  });

  it("tries the WebSocket again after 60 s and goes back to it", async () => {
    server.behaviour.handshake = "refuse";
    start();
    await fallen();
    server.behaviour.handshake = "accept";
    environment.clock.advance(59_000);
    expect(environment.socketsOpened).toBe(3);
    environment.clock.advance(1000);
    await until(() => transport.status.reason === "live");
    await read();
    expect(server.requests).toEqual([]);
  });

  it("tries the WebSocket at once when the page is looked at again", async () => {
    server.behaviour.handshake = "refuse";
    start();
    await fallen();
    server.behaviour.handshake = "accept";
    transport.checkNow();
    await until(() => transport.status.reason === "live");
  });

  it("goes back only when nothing is under way over SSE", async () => {
    server.behaviour.handshake = "refuse";
    start();
    await fallen();
    const id = await begin();
    server.behaviour.handshake = "accept";
    transport.checkNow();
    await until(() => server.open === 1);
    expect(transport.status.state).toBe("fallback");
    server.tell(id, COMPLETE);
    await until(() => transport.status.reason === "live");
    expect(heard.types(id)).toEqual(["processing_started", "complete"]);
  });

  it("goes on over SSE under the same id when the WebSocket is lost for good in mid-reading", async () => {
    start();
    const id = await begin();
    server.behaviour.handshake = "refuse";
    server.drop();
    await fallen();
    await until(() => server.requests.length > 0);
    server.tell(id, COMPLETE);
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["processing_started", "complete"]);
    expect(server.begun).toEqual([id]);
    expect(server.requests).toEqual([`GET /api/ai/analyze-audio/${id}/events`]);
  });

  it("sends a recording that was being made in one piece when the WebSocket is lost for good", async () => {
    start();
    await until(() => transport.status.state === "ready");
    const live = transport.startRecording("The cat sat.");
    live.send(new TextEncoder().encode("one "));
    await until(() => server.received.length === 2);
    server.behaviour.handshake = "refuse";
    server.behaviour.holds = false;
    server.runs.clear();
    server.drop();
    await fallen();
    live.send(new TextEncoder().encode("two"));
    live.finish();
    await untilInTime(environment, () => heard.ends(live.requestId).length === 1);
    expect(heard.types(live.requestId)).toEqual(TYPES);
    expect(server.requests).toEqual(["POST /api/ai/analyze-audio"]);
  });

  it("opens no WebSocket when SSE is preferred", async () => {
    start("sse");
    await read();
    expect(server.handshakes).toBe(0);
    expect(transport.status).toEqual({ state: "ready", reason: "chosen", transport: "sse" });
  });

  it("changes over with the next reading, and finishes what is under way where it is", async () => {
    start();
    const first = await begin();
    transport.prefer({ transport: "sse" });
    expect(transport.status).toEqual({ state: "ready", reason: "chosen", transport: "sse" });
    const second = await begin();
    expect(server.requests).toEqual(["POST /api/ai/analyze-audio"]);
    server.tell(first, COMPLETE);
    await until(() => heard.ends(first).length === 1 && server.open === 0);

    transport.prefer({ transport: "websocket" });
    await until(() => transport.status.reason === "live");
    const third = await begin();
    expect(server.received.at(-1)).toMatchObject({ type: "analyze_audio", request_id: third });
    server.tell(second, COMPLETE);
    await until(() => heard.ends(second).length === 1);
    expect(server.handshakes).toBe(2);
    expect(server.begun).toEqual([first, second, third]);
  });

  it("gives the WebSocket another chance when somebody asks for it", async () => {
    server.behaviour.handshake = "refuse";
    start();
    await fallen();
    transport.prefer({ transport: "sse" });
    expect(transport.status.reason).toBe("chosen");
    server.behaviour.handshake = "accept";
    server.behaviour.events = EVENTS;
    transport.prefer({ transport: "websocket" });
    await until(() => transport.status.reason === "live");
    await read();
  });

  it("says why it went over SSE, when it was not the network", async () => {
    server.behaviour.closeInsteadOfReady = 1013;
    start();
    await fallen();
    expect(transport.status).toEqual({ state: "fallback", reason: "busy", transport: "sse" });
  });

  it("says with what a connection was closed", async () => {
    start();
    await until(() => transport.status.state === "ready");
    server.close(1013);
    await until(() => transport.status.state === "reconnecting");
    expect(transport.status).toEqual({ state: "reconnecting", reason: "busy", transport: "websocket", closeCode: 1013 });
  });

  it("says that the device has no network, whichever way readings go, and that it has one again", async () => {
    start("sse");
    await server.stop();
    environment.online = false;
    transport.checkNow();
    await until(() => environment.open === 0);
    expect(transport.status).toEqual({ state: "reconnecting", reason: "offline", transport: "sse" });
    await server.start();
    environment.online = true;
    transport.checkNow();
    expect(transport.status).toEqual({ state: "ready", reason: "chosen", transport: "sse" });
  });

  it("finds a server on this very device without any network", async () => {
    start("sse");
    environment.online = false;
    transport.checkNow();
    expect(transport.status.reason).toBe("offline");
    await until(() => transport.status.state === "ready");
  });

  it("says that not even SSE gets through", async () => {
    server.behaviour.handshake = "refuse";
    start();
    await fallen();
    const port = Number(new URL(server.url).port);
    await server.stop();
    transport.sendAudio(AUDIO, "The cat sat.");
    await untilInTime(environment, () => transport.status.state === "reconnecting");
    expect(transport.status).toEqual({ state: "reconnecting", reason: "unreachable", transport: "sse" });
    await server.start(port);
  });

  describe("when the server has retired SSE", () => {
    const GONE = { status: 410, type: "application/problem+json", body: JSON.stringify({ code: "sse_retired", detail: "Gone.", retryable: false }) };

    beforeEach(() => {
      server.behaviour.answer = GONE;
    });

    it("loses no reading that was to go over SSE, and keeps to the WebSocket", async () => {
      start("sse");
      await read();
      expect(server.requests).toEqual(["POST /api/ai/analyze-audio"]);
      await until(() => transport.status.reason === "live");
      await read();
      expect(server.requests).toHaveLength(1);
    });

    it("loses no recording that was being made", async () => {
      start("sse");
      const live = transport.startRecording("The cat sat.");
      live.send(new TextEncoder().encode("one"));
      live.finish();
      await untilInTime(environment, () => heard.ends(live.requestId).length === 1);
      expect(heard.types(live.requestId)).toEqual(TYPES);
    });

    it("brings back a reading that had fallen from the WebSocket", async () => {
      server.behaviour.handshake = "refuse";
      start();
      const id = transport.sendAudio(AUDIO, "The cat sat.");
      await untilInTime(environment, () => server.requests.length === 1);
      server.behaviour.handshake = "accept";
      await untilInTime(environment, () => heard.ends(id).length === 1);
      expect(heard.types(id)).toEqual(TYPES);
      expect(transport.status.reason).toBe("live");
    });

    it("never falls when it was told before", async () => {
      server.behaviour.handshake = "refuse";
      start();
      transport.prefer({ transport: "websocket", isOnlyWay: true });
      const id = transport.sendAudio(AUDIO, "The cat sat.");
      await untilInTime(environment, () => server.handshakes > 5);
      expect(transport.status).toEqual({ state: "reconnecting", reason: "lost", transport: "websocket" });
      server.behaviour.handshake = "accept";
      await untilInTime(environment, () => heard.ends(id).length === 1);
      expect(heard.types(id)).toEqual(TYPES);
      expect(server.requests).toEqual([]);
    });

    it("goes over SSE again when the server has it again", async () => {
      start("sse");
      await read();
      server.behaviour.answer = undefined;
      transport.prefer({ transport: "sse" });
      await read();
      expect(server.requests).toHaveLength(2);
      await until(() => server.open === 0);
    });
  });
});
