import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FakeAudioServer } from "../testing/fakeAudioServer";
import { TYPES } from "../testing/fakeRuns";
import { Listener, until, untilInTime } from "../testing/listener";
import { TestEnvironment } from "../testing/testEnvironment";
import { SSETransport, type ConnectOptions } from "./audioTransport";

const AUDIO = new Blob([new Uint8Array([1, 2, 3])], { type: "audio/wav" });
const COMPLETE = { type: "complete", data: { timings: {} } } as const;
const NO_SPEECH = JSON.stringify({ code: "no_speech", detail: "Nothing was read.", retryable: false });

describe("SSETransport", () => {
  let server: FakeAudioServer;
  let environment: TestEnvironment;
  let transport: SSETransport;
  let heard: Listener;

  const connect = (more: Partial<ConnectOptions> = {}) => {
    transport.connect({ baseUrl: server.url, token: "t1", sessionId: 7, ...more });
  };
  const send = () => transport.sendAudio(AUDIO, "The cat sat.");
  const begin = async () => {
    server.behaviour.events = [];
    const id = send();
    await until(() => heard.types(id).includes("processing_started"));
    return id;
  };

  beforeEach(async () => {
    server = await new FakeAudioServer().start();
    environment = new TestEnvironment();
    transport = new SSETransport(environment);
    heard = new Listener(transport);
    connect();
  });

  afterEach(async () => {
    transport.disconnect();
    await until(() => server.streams === 0);
    await server.stop();
    await until(() => environment.open + environment.clock.pending === 0);
  });

  it("is ready without having opened anything", () => {
    expect(heard.states).toEqual(["connecting", "ready"]);
    expect(server.requests).toEqual([]);
  });

  it("asks for the events after the last one when a stream broke", async () => {
    server.behaviour.breakStreams = 2;
    const id = send();
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(TYPES);
    expect(server.lastEventIds).toEqual([undefined, `${id}:0`, `${id}:1`]);
    expect(heard.states).toEqual(["connecting", "ready", "reconnecting", "ready", "reconnecting", "ready"]);
  });

  it("takes a stream without a byte for 60 s as broken", async () => {
    const id = await begin();
    environment.clock.advance(59_999);
    expect(transport.status.state).toBe("ready");
    environment.clock.advance(1);
    await untilInTime(environment, () => server.requests.length === 2);
    server.tell(id, COMPLETE);
    await until(() => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["processing_started", "complete"]);
  });

  it("does not trust a stream that was silent while the device slept", async () => {
    const id = await begin();
    environment.clock.advance(20_001);
    transport.checkNow();
    await untilInTime(environment, () => server.requests.length === 2);
    server.tell(id, COMPLETE);
    await until(() => heard.ends(id).length === 1);
  });

  it("does not wait any longer when the page is looked at again", async () => {
    environment.chance = 1;
    server.behaviour.breakStreams = 1;
    const id = await begin();
    await until(() => transport.status.state === "reconnecting" && environment.clock.pending === 2);
    transport.checkNow();
    await until(() => server.requests.length === 2);
    server.tell(id, COMPLETE);
    await until(() => heard.ends(id).length === 1);
  });

  it("comes back when a proxy says that the server is away", async () => {
    server.behaviour.answer = { status: 502, type: "text/html", body: "<h1>Bad gateway</h1>" };
    const id = send();
    await untilInTime(environment, () => server.requests.length === 3);
    expect(transport.status.reason).toBe("unreachable");
    server.behaviour.answer = undefined;
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(TYPES);
  });

  it("tells a refusal before the stream as the event that it is on a WebSocket", async () => {
    server.behaviour.answer = { status: 422, type: "application/problem+json", body: NO_SPEECH };
    const id = send();
    await until(() => heard.ends(id).length === 1);
    expect(heard.of(id)).toEqual([
      {
        type: "error",
        request_id: id,
        seq: 0,
        data: { code: "no_speech", message: "Nothing was read.", retryable: false, retry_after: null, stage: "receiving" },
      },
    ]);
    expect(transport.status.state).toBe("ready");
  });

  it.each([
    { status: 200, type: "text/html", body: "<h1>Sign in to this network</h1>" },
    { status: 500, type: "text/plain", body: "Oh no" },
    { status: 418, type: "application/problem+json", body: "[]" },
  ])("does not believe what is not this protocol: $status $type", async (answer) => {
    server.behaviour.answer = answer;
    const id = send();
    await until(() => heard.ends(id).length === 1);
    expect(heard.error(id)).toBe("unreadable_answer");
    expect(server.requests).toHaveLength(1);
  });

  it("says that somebody has to sign in, until that has happened", async () => {
    server.behaviour.token = "t2";
    const id = send();
    await until(() => heard.ends(id).length === 1);
    expect(transport.status).toMatchObject({ state: "idle", reason: "signed_out" });
    connect({ token: "t2" });
    expect(transport.status.state).toBe("ready");
    const next = send();
    await until(() => heard.ends(next).length === 1);
    expect(heard.types(next)).toEqual(TYPES);
  });

  it("carries several readings beside each other", async () => {
    const [first, second] = [await begin(), await begin()];
    server.tell(second, COMPLETE);
    await until(() => heard.ends(second).length === 1);
    server.tell(first, COMPLETE);
    await until(() => heard.ends(first).length === 1);
    expect(server.begun).toEqual([first, second]);
  });
});
