import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FakeAudioServer } from "../testing/fakeAudioServer";
import { errorBody, TYPES } from "../testing/fakeRuns";
import { Listener, until, untilInTime } from "../testing/listener";
import { TestEnvironment } from "../testing/testEnvironment";
import { SSETransport, WebSocketTransport, type AudioTransport, type ConnectOptions } from "./audioTransport";
import { TransportLadder } from "./transportLadder";

const AUDIO = new Blob([new Uint8Array([1, 2, 3])], { type: "audio/wav" });
const SENTENCE = "The cat sat.";

/** What every transport promises, over real sockets. */
describe.each([
  ["WebSocketTransport", (environment: TestEnvironment) => new WebSocketTransport(environment)],
  ["SSETransport", (environment: TestEnvironment) => new SSETransport(environment)],
  ["TransportLadder", (environment: TestEnvironment) => new TransportLadder("websocket", environment)],
] as const)("%s", (name, make) => {
  let server: FakeAudioServer;
  let environment: TestEnvironment;
  let transport: AudioTransport;
  let heard: Listener;

  const connect = (more: Partial<ConnectOptions> = {}) => {
    transport.connect({ baseUrl: server.url, token: "t1", sessionId: 7, clientId: "tab", ...more });
  };
  const overSse = name === "SSETransport";

  beforeEach(async () => {
    server = await new FakeAudioServer().start();
    environment = new TestEnvironment();
    transport = make(environment);
    heard = new Listener(transport);
  });

  afterEach(async () => {
    transport.disconnect();
    await server.stop();
    await until(() => environment.open + environment.clock.pending === 0);
  });

  it("tells a reading from its start to its end, once", async () => {
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    expect(heard.events).toEqual([]);
    await until(() => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(TYPES);
    expect(heard.of(id).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(transport.status.state).toBe("ready");
  });

  it("tells nothing twice when the network says everything twice", async () => {
    server.behaviour.duplicates = true;
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.ends(id).length === 1);
    const second = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.ends(second).length === 1);
    expect(heard.types(id)).toEqual(TYPES);
    expect(heard.types(second)).toEqual(TYPES);
  });

  it("sends a recording that is being made, in order, whatever its pieces are", async () => {
    connect();
    await until(() => transport.status.state === "ready");
    const live = transport.startRecording(SENTENCE, { contentType: "audio/webm" });
    live.send(new Blob(["one "]));
    live.send(new TextEncoder().encode("two "));
    live.send(new Blob(["three"]));
    live.finish();
    await until(() => heard.ends(live.requestId).length === 1);
    expect(heard.types(live.requestId)).toEqual(TYPES);
    const chunks = [...(server.runs.get(live.requestId)?.chunks.values() ?? [])];
    expect(chunks.map((chunk) => atob(chunk)).join("")).toBe(overSse ? "" : "one two three");
    expect(server.posted).toEqual(overSse ? ["one two three"] : []);
  });

  it("sends what the browser heard without any audio", async () => {
    connect();
    const id = transport.sendAudio(null, SENTENCE, [["K", "AE", "T"]], ["cat"]);
    await until(() => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(TYPES);
    expect(server.requests).toEqual(overSse ? ["POST /api/ai/analyze-audio-with-phonemes"] : []);
    expect(server.posted).toEqual(overSse ? [""] : []);
    const message = expect.objectContaining({ client_phonemes: [["K", "AE", "T"]], audio_base64: "" }) as unknown;
    expect(server.received).toEqual(overSse ? [] : [message]);
  });

  it("goes on after a break without telling or running anything twice", async () => {
    server.behaviour.events = [];
    server.behaviour.breakStreams = 1;
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.types(id).includes("processing_started"));
    server.drop();
    server.tell(id, { type: "progress", data: { stage: "listening", fraction: 0.3 } });
    server.tell(id, { type: "complete", data: { timings: {} } });
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["processing_started", "progress", "complete"]);
    expect(server.begun).toEqual([id]);
    expect(server.requests.slice(1)).toEqual(overSse ? [`GET /api/ai/analyze-audio/${id}/events`] : []);
    expect(server.received.slice(1)).toEqual(overSse ? [] : [{ type: "resume", request_id: id, after_seq: 0 }]);
  });

  it("sends a reading again that the server has forgotten, under the same id", async () => {
    server.behaviour.events = [];
    server.behaviour.breakStreams = 1;
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.types(id).includes("processing_started"));
    server.behaviour.holds = false;
    server.runs.clear();
    server.behaviour.events = [{ type: "complete", data: { timings: {} } }];
    server.drop();
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["processing_started", "complete"]);
    expect(server.begun).toEqual([id, id]);
  });

  it("ends a reading that nobody answers when its time is over, with one error", async () => {
    server.behaviour.events = [];
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE, undefined, undefined, { timeLimitMs: 5000 });
    await until(() => heard.types(id).includes("processing_started"));
    environment.clock.advance(5000);
    server.tell(id, { type: "complete", data: { timings: {} } });
    const second = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => server.begun.includes(second));
    expect(heard.types(id)).toEqual(["processing_started", "error"]);
    expect(heard.error(id)).toBe("connection_failed");
  });

  it("asks a busy server again, and tells of it when that does not help", async () => {
    server.behaviour.events = [errorBody("overloaded", true)];
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(server.begun).toEqual([id, id, id, id]);
    expect(heard.types(id)).toEqual(["processing_started", "error"]);
    expect(heard.error(id)).toBe("overloaded");
  });

  it("cancels what the server works on", async () => {
    server.behaviour.events = [];
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.types(id).includes("processing_started"));
    transport.cancel(id);
    transport.cancel(id);
    await until(() => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["processing_started", "cancelled"]);
  });

  it("does not wait for a server that is away to cancel", async () => {
    connect();
    await server.stop();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    transport.cancel(id);
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(["cancelled"]);
    await server.start();
  });

  it("gets another token once when the server takes it no more", async () => {
    server.behaviour.token = "t2";
    connect({ refreshToken: () => Promise.resolve("t2") });
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.types(id)).toEqual(TYPES);
  });

  it("asks to sign in when another token does not help either", async () => {
    server.behaviour.token = "t3";
    let asked = 0;
    connect({ refreshToken: () => Promise.resolve(`t2-${(asked += 1)}`) });
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await untilInTime(environment, () => heard.ends(id).length === 1);
    expect(heard.error(id)).toBe("unauthorized");
    expect(asked).toBe(1);
  });

  it("ends what is under way when it is disconnected, and works again when it is connected again", async () => {
    server.behaviour.events = [];
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.types(id).includes("processing_started"));
    transport.disconnect();
    expect(heard.error(id)).toBe("disconnected");
    expect(transport.status).toMatchObject({ state: "closed", reason: "disconnected" });
    expect(environment.clock.pending).toBe(0);
    await until(() => environment.open === 0 && server.open === 0);

    const late = transport.sendAudio(AUDIO, SENTENCE);
    environment.clock.advance(0);
    expect(heard.error(late)).toBe("disconnected");

    server.behaviour.events = [{ type: "complete", data: { timings: {} } }];
    connect();
    const next = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.ends(next).length === 1);
    expect(heard.ends(id)).toHaveLength(1);
  });

  it("is connected, disconnected and connected as StrictMode does, with one connection left", async () => {
    connect();
    transport.disconnect();
    connect();
    const id = transport.sendAudio(AUDIO, SENTENCE);
    await until(() => heard.ends(id).length === 1);
    await until(() => server.open === (overSse ? 0 : 1));
  });

  it("says that a recording which cannot be read is to be recorded again", async () => {
    connect();
    const broken = new Blob([]);
    broken.arrayBuffer = () => Promise.reject(new Error("gone"));
    const id = transport.sendAudio(broken, SENTENCE);
    await until(() => heard.ends(id).length === 1);
    expect(heard.error(id)).toBe("unsupported_audio");
  });
});
