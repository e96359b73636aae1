import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FakeAudioServer } from "../testing/fakeAudioServer";
import { EVENTS, TYPES } from "../testing/fakeRuns";
import { Listener, until, untilInTime } from "../testing/listener";
import { TestEnvironment } from "../testing/testEnvironment";
import { WebSocketTransport, type ConnectOptions } from "./audioTransport";

const AUDIO = new Blob([new Uint8Array([1, 2, 3])], { type: "audio/wav" });
const COMPLETE = { type: "complete", data: { timings: {} } } as const;

describe("WebSocketTransport", () => {
  let server: FakeAudioServer;
  let environment: TestEnvironment;
  let transport: WebSocketTransport;
  let heard: Listener;

  const connect = (more: Partial<ConnectOptions> = {}) => {
    transport.connect({ baseUrl: server.url, token: "t1", sessionId: 7, clientId: "tab", ...more });
  };
  const ready = () => until(() => transport.status.state === "ready");
  const begin = async () => {
    const id = transport.sendAudio(AUDIO, "The cat sat.");
    await until(() => heard.types(id).includes("processing_started"));
    return id;
  };
  const sent = (type: string) => server.received.filter((message) => message.type === type);

  beforeEach(async () => {
    server = await new FakeAudioServer().start();
    environment = new TestEnvironment();
    transport = new WebSocketTransport(environment);
    heard = new Listener(transport);
  });

  afterEach(async () => {
    transport.disconnect();
    await server.stop();
    await until(() => environment.open + environment.clock.pending === 0);
  });

  it("takes ten readings over one connection, named and with its token in the subprotocol", async () => {
    connect();
    for (let count = 0; count < 10; count += 1) {
      const id = transport.sendAudio(AUDIO, "The cat sat.");
      await until(() => heard.ends(id).length === 1);
    }
    expect(server.openings).toEqual([{ url: "/api/ai/ws/audio-analysis?client_id=tab", token: "t1" }]);
    expect(heard.states).toEqual(["connecting", "ready"]);
  });

  it("keeps its connection when it is given another session", async () => {
    connect();
    await ready();
    connect({ sessionId: 8, token: "t2" });
    await begin();
    expect(server.received[0]).toMatchObject({ type: "analyze_audio", session_id: 8 });
    expect(server.handshakes).toBe(1);
  });

  it("pings as often as the server wants, and stays while it is answered", async () => {
    server.behaviour.heartbeatSeconds = 20;
    connect();
    await ready();
    for (let count = 1; count <= 5; count += 1) {
      environment.clock.advance(20_000);
      await until(() => sent("ping").length === count);
      const id = transport.sendAudio(AUDIO, "The cat sat.");
      await until(() => heard.ends(id).length === 1);
    }
    expect(server.handshakes).toBe(1);
  });

  it("takes a connection without a sign of life for 1.5 heartbeats as lost", async () => {
    server.behaviour.pongs = false;
    connect();
    await ready();
    environment.clock.advance(44_999);
    expect(transport.status.state).toBe("ready");
    environment.clock.advance(1);
    expect(transport.status.state).toBe("reconnecting");
    await untilInTime(environment, () => transport.status.state === "ready");
    expect(server.handshakes).toBe(2);
  });

  it("asks whether the connection still lives when the page is looked at again", async () => {
    server.behaviour.pongs = false;
    connect();
    await ready();
    environment.clock.advance(10);
    transport.checkNow();
    environment.clock.advance(3000);
    expect(transport.status.state).toBe("reconnecting");
    transport.checkNow();
    await ready();
    expect(server.handshakes).toBe(2);
  });

  it("waits longer and longer for a server that greets and then breaks, whatever it said in greeting", async () => {
    environment.chance = 1;
    connect();
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      await ready();
      server.drop();
      await until(() => transport.status.state === "reconnecting" && environment.clock.pending > 0);
      const before = environment.clock.now;
      await untilInTime(environment, () => server.handshakes === count + 2, 100);
      waits.push(Math.round((environment.clock.now - before) / 500) / 2);
    }
    expect(waits).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30]);
  });

  it("begins with short waits again after the first real event", async () => {
    environment.chance = 1;
    connect();
    for (let count = 0; count < 3; count += 1) {
      await ready();
      const id = transport.sendAudio(AUDIO, "The cat sat.");
      await until(() => heard.ends(id).length === 1);
      server.drop();
      await until(() => transport.status.state === "reconnecting" && environment.clock.pending > 0);
      environment.clock.advance(500);
      await until(() => server.handshakes === count + 2);
    }
  });

  it.each([
    [1000, "not_connected", "connection_failed"],
    [1007, "fault", "unreadable_answer"],
    [1009, "too_large", "audio_too_large"],
    [4400, "fault", "unreadable_answer"],
    [4409, "replaced", "replaced"],
  ] as const)("stops after %i, and comes back for the next reading", async (code, reason, error) => {
    server.behaviour.events = [];
    connect();
    const id = await begin();
    server.close(code);
    await until(() => transport.status.state === "idle");
    expect(transport.status.reason).toBe(reason);
    expect(heard.error(id)).toBe(error);
    environment.clock.advance(60_000);
    expect(server.handshakes).toBe(1);
    await begin();
    expect(server.handshakes).toBe(2);
  });

  it.each([1001, 1012, 1013, 4408, 4499])("comes back after %i and goes on", async (code) => {
    server.behaviour.events = [];
    connect();
    const id = await begin();
    server.close(code);
    await untilInTime(environment, () => server.handshakes === 2 && transport.status.state === "ready");
    server.tell(id, COMPLETE);
    await until(() => heard.ends(id).length === 1);
    expect(server.begun).toEqual([id]);
  });

  it("comes back 30 s after too many messages, also when the page is looked at", async () => {
    connect();
    await ready();
    server.close(4429);
    await until(() => transport.status.reason === "busy");
    transport.checkNow();
    environment.clock.advance(29_999);
    expect(environment.socketsOpened).toBe(1);
    environment.clock.advance(1);
    await ready();
  });

  it("leaves a server that stops at a moment of its own, when nothing is under way", async () => {
    server.behaviour.events = [];
    connect();
    const id = await begin();
    server.say({ type: "draining", data: { reconnect_within_ms: 10_000 } });
    server.say({ type: "pong", data: { sent_at: null } });
    await until(() => environment.clock.pending === 4);
    environment.clock.advance(5000);
    expect(transport.status.state).toBe("ready");
    server.tell(id, COMPLETE);
    await untilInTime(environment, () => server.handshakes === 2);
    expect(heard.types(id)).toEqual(["processing_started", "complete"]);
  });

  it("comes back to a server that stops when it is its turn, also after the close", async () => {
    connect();
    await ready();
    server.say({ type: "draining", data: { reconnect_within_ms: 10_000 } });
    server.close(1012);
    await until(() => transport.status.reason === "restarting" && environment.clock.pending > 0);
    environment.clock.advance(4999);
    expect(environment.socketsOpened).toBe(1);
    environment.clock.advance(1);
    await ready();
    expect(server.handshakes).toBe(2);
  });

  it("gives the server a newer token before the old one ends", async () => {
    connect({ refreshToken: () => Promise.resolve("t2") });
    await ready();
    server.say({ type: "token_expiring", data: { expires_in_seconds: 60 } });
    server.say({ type: "token_expiring", data: { expires_in_seconds: 60 } });
    await until(() => sent("refresh_token").length === 1);
    expect(sent("refresh_token")).toEqual([{ type: "refresh_token", token: "t2" }]);
    expect(server.handshakes).toBe(1);
  });

  it("tries again when nobody can be asked for another token just now", async () => {
    server.behaviour.token = "t2";
    let asked = 0;
    const refreshToken = () => {
      asked += 1;
      return asked < 3 ? Promise.reject(new TypeError("Failed to fetch")) : Promise.resolve("t2");
    };
    connect({ refreshToken });
    await untilInTime(environment, () => transport.status.state === "ready");
    expect(asked).toBe(3);
  });

  it("sends a recording that was being made when the connection broke to its end", async () => {
    server.behaviour.events = EVENTS;
    connect();
    await ready();
    const live = transport.startRecording("The cat sat.");
    live.send(new TextEncoder().encode("one "));
    await until(() => sent("audio_chunk").length === 1);
    server.drop();
    await until(() => transport.status.state === "reconnecting");
    live.send(new TextEncoder().encode("two "));
    environment.clock.advance(200);
    live.send(new TextEncoder().encode("three"));
    await untilInTime(environment, () => transport.status.state === "ready");
    live.finish();
    await until(() => heard.ends(live.requestId).length === 1);
    expect(heard.types(live.requestId)).toEqual(TYPES);
    const chunks = [...(server.runs.get(live.requestId)?.chunks.entries() ?? [])].toSorted(([a], [b]) => a - b);
    expect(chunks.map(([, chunk]) => atob(chunk)).join("")).toBe("one two three");
  });

  it("sends at most ten pieces a second", async () => {
    connect();
    await ready();
    const live = transport.startRecording("The cat sat.");
    for (let at = 0; at < 100; at += 1) {
      live.send(new Uint8Array(10));
      await Promise.resolve();
      await Promise.resolve();
      environment.clock.advance(10);
    }
    live.finish();
    await until(() => sent("audio_end").length === 1);
    expect(sent("audio_chunk").length).toBeLessThanOrEqual(12); // the first and the last come when they come
  });

  it("tells the server of a cancel that it missed", async () => {
    server.behaviour.events = [];
    connect();
    const id = await begin();
    server.drop();
    await until(() => transport.status.state === "reconnecting");
    transport.cancel(id);
    environment.chance = 0;
    await untilInTime(environment, () => sent("cancel").length > 0);
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["processing_started", "cancelled"]);
    expect(server.runs.get(id)?.hasEnded).toBe(true);
  });

  it("does not send what the server would close the connection for", async () => {
    connect();
    const id = transport.sendAudio(new Blob([new Uint8Array(5_000_000)]), "The cat sat.");
    await until(() => heard.ends(id).length === 1);
    expect(heard.error(id)).toBe("audio_too_large");
    expect(server.received).toEqual([]);
  });

  it("survives messages that are none, and ends a reading whose result cannot be read", async () => {
    server.behaviour.events = [];
    connect();
    const id = await begin();
    for (const text of ["", "null", "[]", "{", '{"type":"sung"}', `{"type":"partial","request_id":"${id}","seq":1}`]) {
      server.sayText(text);
    }
    server.sayText(`{"type":"analysis","request_id":"${id}","seq":2,"data":{"words":7}}`);
    await until(() => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["processing_started", "error"]);
    expect(heard.error(id)).toBe("unreadable_answer");
    expect(server.open).toBe(1);
  });

  it("says that the server is not there, and that the device has no network", async () => {
    connect();
    await ready();
    const { url } = server;
    await server.stop();
    await untilInTime(environment, () => transport.status.reason === "unreachable");
    environment.online = false;
    await untilInTime(environment, () => transport.status.reason === "offline", 1000);
    environment.online = true;
    await server.start(Number(new URL(url).port));
    transport.checkNow();
    await ready();
  });
});
