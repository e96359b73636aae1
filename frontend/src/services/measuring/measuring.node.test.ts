import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { FakeAudioServer } from "../../testing/fakeAudioServer";
import { EVENTS } from "../../testing/fakeRuns";
import { Listener, until, untilInTime } from "../../testing/listener";
import { hasServer, RealServer, spoken } from "../../testing/realServer";
import { TestEnvironment } from "../../testing/testEnvironment";
import { standardEnvironment, wire, type Environment } from "../environment";
import { TransportLadder, type Wish } from "../transportLadder";
import { MEASUREMENTS_PATH } from "./delivery";
import { Measuring } from "./measuring";
import { MAX_TRIES, SEND_EVERY_MS, type Batch } from "./outbox";

const AUDIO = new Blob([new Uint8Array([1, 2, 3])], { type: "audio/wav" });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("Measuring", () => {
  let server: FakeAudioServer;
  let environment: TestEnvironment;
  let transport: TransportLadder;
  let measuring: Measuring;
  let heard: Listener;
  /** What was sent to be measured, and how. */
  let sent: { readonly batch: Batch; readonly init: RequestInit }[];
  let status: number;

  /** Measurements end here, everything else goes to the server. */
  const withMeasurements = (): Environment => ({
    ...environment,
    isOnline: environment.isOnline,
    fetch: (input, init) => {
      if (!String(input).endsWith(MEASUREMENTS_PATH)) return environment.fetch(input, init);
      sent.push({ batch: JSON.parse(String(init?.body)) as Batch, init: init ?? {} });
      return Promise.resolve(new Response(null, { status }));
    },
  });
  const kinds = () => sent.flatMap(({ batch }) => batch.measurements.map(({ kind }) => kind));
  const read = async () => {
    const id = transport.sendAudio(AUDIO, "The cat sat.");
    await untilInTime(environment, () => heard.ends(id).length === 1);
  };

  beforeEach(async () => {
    server = await new FakeAudioServer().start();
    environment = new TestEnvironment();
    sent = [];
    status = 204;
    transport = new TransportLadder("websocket", environment);
    heard = new Listener(transport);
    measuring = new Measuring(transport, {
      baseUrl: server.url,
      environment: withMeasurements(),
      measured: { token: "t1", stage: 3 },
      isHidden: false,
    });
    transport.connect({ baseUrl: server.url, token: "t1", sessionId: 7 });
  });

  afterEach(async () => {
    measuring.stop();
    transport.disconnect();
    await server.stop();
    await until(() => environment.open + environment.clock.pending === 0);
  });

  it("sends what was measured every ten seconds, with the stage and the token, so that it outlives the page", async () => {
    await read();
    await read();
    environment.clock.advance(SEND_EVERY_MS);
    expect(kinds()).toEqual(["connected", "reading", "reading"]);
    const [{ batch, init } = { batch: undefined, init: undefined }] = sent;
    expect(batch?.stage).toBe(3);
    expect(batch?.batch_id).toMatch(UUID);
    expect(init).toMatchObject({ method: "POST", keepalive: true });
    expect(new Headers(init?.headers).get("authorization")).toBe("Bearer t1");
    expect(JSON.stringify(batch)).not.toContain("cat");
  });

  it("leaves out the time during which the page was hidden", async () => {
    server.behaviour.events = [];
    await until(() => transport.status.state === "ready");
    const id = transport.sendAudio(AUDIO, "The cat sat.");
    await until(() => heard.types(id).includes("processing_started"));
    environment.clock.advance(100);
    measuring.setHidden(true);
    environment.clock.advance(7000);
    measuring.setHidden(false);
    environment.clock.advance(20);
    server.tell(id, ...EVENTS);
    await until(() => heard.ends(id).length === 1);
    measuring.left();
    const readings = sent.flatMap(({ batch }) => batch.measurements).filter(({ kind }) => kind === "reading");
    expect(readings).toMatchObject([{ words_ms: 120 }]);
  });

  it("ends the session and sends all when the page goes away, and begins another when it comes back", async () => {
    await until(() => transport.status.state === "ready");
    measuring.left();
    expect(kinds()).toEqual(["connected", "session"]);
    measuring.left();
    expect(sent).toHaveLength(1);
    measuring.back();
    measuring.left();
    expect(kinds()).toEqual(["connected", "session", "session"]);
  });

  it("counts one fallback and no session where no WebSocket gets through, also when it is tried for minutes", async () => {
    await until(() => transport.status.state === "ready");
    transport.disconnect();
    measuring.left();
    sent.length = 0;
    server.behaviour.handshake = "refuse";
    transport.connect({ baseUrl: server.url, token: "t1", sessionId: 7 });
    await untilInTime(environment, () => transport.status.state === "fallback");
    const handshakes = server.handshakes;
    await untilInTime(environment, () => server.handshakes > handshakes + 2, 5000);
    measuring.left();
    const all = sent.flatMap(({ batch }) => batch.measurements).filter(({ kind }) => kind === "fallback" || kind === "session");
    expect(all).toEqual([{ kind: "fallback", reason: "blocked" }]);
  });

  it("tells with which code a lost connection was closed", async () => {
    await until(() => transport.status.state === "ready");
    server.close(1011);
    await untilInTime(environment, () => transport.status.state === "reconnecting");
    await untilInTime(environment, () => transport.status.state === "ready");
    measuring.left();
    expect(sent.flatMap(({ batch }) => batch.measurements)).toMatchObject([
      { kind: "connected" },
      { kind: "reconnected", close_code: 1011 },
      { kind: "session", broken: true, close_code: 1011 },
    ]);
  });

  it("tries a batch again with the token of then, and gives it up in the end", async () => {
    await until(() => transport.status.state === "ready");
    status = 401;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const before = sent.length;
      await untilInTime(environment, () => sent.length > before, SEND_EVERY_MS);
      measuring.update({ token: `t${tries}`, stage: 4 });
    }
    environment.clock.advance(1_000_000);
    await until(() => environment.isWaiting === false);
    const ids = sent.filter(({ batch }) => batch.measurements[0]?.kind === "connected").map(({ batch }) => batch.batch_id);
    expect(ids).toHaveLength(MAX_TRIES);
    expect(new Set(ids).size).toBe(1);
    expect(sent.map(({ init }) => new Headers(init.headers).get("authorization")).slice(0, 3)).toEqual(["Bearer t1", "Bearer t0", "Bearer t1"]);
  });
});

const SENTENCE = "The cat sat on the mat.";
const PATIENCE_MS = 90_000;

describe.skipIf(!hasServer())("measuring, against the real server", () => {
  let server: RealServer;
  let speech: Blob;

  beforeAll(async () => {
    [server, speech] = await Promise.all([RealServer.create(), spoken(SENTENCE)]);
  }, PATIENCE_MS);

  afterAll(async () => {
    await server.remove();
  });

  it("is taken, and is in the figures by transport", async () => {
    for (const wish of ["websocket", "sse"] as const) await readTwice(server, speech, { transport: wish });
    const figures = await server.figures();
    for (const transport of ["websocket", "sse"]) {
      expect(figures).toMatch(new RegExp(`client_readings_total\\{.*outcome="complete".*transport="${transport}"\\} 2.0`));
      expect(figures).toMatch(new RegExp(`client_first_event_seconds_count\\{later="true".*transport="${transport}"\\} 1.0`));
      expect(figures).toMatch(new RegExp(`client_words_seconds_count\\{.*transport="${transport}"\\} 2.0`));
    }
    expect(figures).toMatch(/client_sessions_total\{broken="false".*\} 1.0/);
    expect(figures).toMatch(/client_ready_seconds_count\{.*transport="websocket"\} 1.0/);
  }, PATIENCE_MS);

  it("is taken as a batch of everything there is, at its bounds, and again under the same id", async () => {
    const { token } = await server.guest();
    const measurements = [
      { kind: "connected", transport: "websocket", milliseconds: 600_000 },
      { kind: "reading", transport: "sse", later: true, outcome: "failed", code: "connection_failed", first_event_ms: 0, words_ms: 600_000 },
      { kind: "session", transport: "websocket", seconds: 604_800, broken: true, close_code: 4999 },
      { kind: "fallback", reason: "blocked" },
      { kind: "reconnected", close_code: 1000, milliseconds: 600_000 },
    ];
    const body = JSON.stringify({ batch_id: "0b8a3c3e-5c1d-4c3f-9d6e-2f1a7b9c0d1e", stage: 2 ** 31 - 1, measurements });
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    for (let time = 0; time < 2; time += 1) {
      const answer = await fetch(`${server.url}${MEASUREMENTS_PATH}`, { method: "POST", headers, body });
      expect([answer.status, await answer.text()]).toEqual([204, ""]);
    }
  }, PATIENCE_MS);
});

/** A page that reads two sentences and is left. */
async function readTwice(server: RealServer, speech: Blob, wish: Wish): Promise<void> {
  const answers: number[] = [];
  const environment: Environment = {
    ...standardEnvironment(),
    openSocket: (url, protocols, handlers) => wire(new WebSocket(url, [...protocols]), handlers),
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (String(input).endsWith(MEASUREMENTS_PATH)) answers.push(response.status);
      return response;
    },
  };
  const transport = new TransportLadder(wish.transport, environment);
  const heard = new Listener(transport);
  const guest = await server.guest();
  const measured = { token: guest.token, stage: 0 };
  const measuring = new Measuring(transport, { baseUrl: server.url, environment, measured, isHidden: false });
  transport.connect({ baseUrl: server.url, ...guest });
  for (let count = 0; count < 2; count += 1) {
    const id = transport.sendAudio(speech, SENTENCE);
    await until(() => heard.ends(id).length === 1);
  }
  measuring.left();
  await until(() => answers.length === 1);
  expect(answers).toEqual([204]);
  measuring.stop();
  transport.disconnect();
}
