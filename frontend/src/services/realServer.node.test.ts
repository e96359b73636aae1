import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { hasServer, RealServer, spoken } from "../testing/realServer";
import { Listener, until } from "../testing/listener";
import type { AudioEvent } from "./audioProtocol";
import { SSETransport, WebSocketTransport, type AudioTransport } from "./audioTransport";
import { standardEnvironment, wire, type Environment } from "./environment";
import { TransportLadder } from "./transportLadder";

const SENTENCE = "The cat sat on the mat.";
const PATIENCE_MS = 90_000;

/** Node 20 has no WebSocket of its own. */
function counted(): Environment & { handshakes: number } {
  const environment = {
    ...standardEnvironment(),
    random: () => Math.random() / 10, // a server that is killed is back before the waits grow long
    handshakes: 0,
    openSocket: (...[url, protocols, handlers]: Parameters<Environment["openSocket"]>) => {
      environment.handshakes += 1;
      return wire(new WebSocket(url, [...protocols]), handlers);
    },
  };
  return environment;
}

/** The numbers of events, each once and in order. */
function rising(events: readonly AudioEvent[]): readonly number[] {
  return [...new Set(events.map(({ seq }) => seq))].toSorted((one, other) => one - other);
}

/** What an event says, without what is another in each run. */
function gist(event: AudioEvent): unknown {
  if (event.type === "analysis") return { ...event.data, type: event.type };
  if (event.type === "progress") return `progress ${event.data.stage}`;
  return event.type;
}

// Without uv there is no server to test against; `npm test` then says that these were skipped.
describe.skipIf(!hasServer())("against the real server", () => {
  let server: RealServer;
  let speech: Blob;
  let open: AudioTransport[] = [];

  beforeAll(async () => {
    [server, speech] = await Promise.all([RealServer.create(), spoken(SENTENCE)]);
  }, PATIENCE_MS);

  afterAll(async () => {
    await server.remove();
  });

  afterEach(() => {
    for (const transport of open) transport.disconnect();
    open = [];
  });

  const connect = async (transport: AudioTransport) => {
    open.push(transport);
    const guest = await server.guest();
    transport.connect({ baseUrl: server.url, clientId: "tab", ...guest });
    return { heard: new Listener(transport), ...guest };
  };

  it("takes ten readings over one WebSocket", async () => {
    const environment = counted();
    const transport = new TransportLadder("websocket", environment);
    const { heard, token, sessionId } = await connect(transport);
    for (let count = 0; count < 10; count += 1) {
      const id = transport.sendAudio(speech, SENTENCE);
      await until(() => heard.ends(id).length === 1);
      expect(heard.types(id).at(-1)).toBe("complete");
    }
    expect(environment.handshakes).toBe(1);
    expect(await server.saved(token, sessionId)).toBe(10);
  }, PATIENCE_MS);

  it("tells the same over both transports", async () => {
    const told: unknown[] = [];
    for (const transport of [new WebSocketTransport(counted()), new SSETransport(counted())]) {
      const { heard } = await connect(transport);
      const id = transport.sendAudio(speech, SENTENCE);
      await until(() => heard.ends(id).length === 1);
      told.push(heard.of(id).map(gist));
    }
    expect(told[0]).toEqual(told[1]);
    expect(told[0]).toContain("complete");
  }, PATIENCE_MS);

  it.each(["websocket", "sse"] as const)("hears a recording that is being made as the whole, over %s", async (name) => {
    const transport = new TransportLadder(name, counted());
    const { heard } = await connect(transport);
    const whole = transport.sendAudio(speech, SENTENCE);
    await until(() => heard.ends(whole).length === 1);
    const live = transport.startRecording(SENTENCE, { contentType: "audio/wav" });
    for (let at = 0; at < speech.size; at += 8000) live.send(speech.slice(at, at + 8000));
    live.finish();
    await until(() => heard.ends(live.requestId).length === 1);
    const [one, other] = [whole, live.requestId].map((id) => heard.of(id).filter(({ type }) => type === "analysis").map(gist));
    expect(one).toHaveLength(1);
    expect(other).toEqual(one);
  }, PATIENCE_MS);

  it.each([
    ["websocket", "in one piece"],
    ["websocket", "while it is read"],
    ["sse", "in one piece"],
  ] as const)("heals over %s, %s, when the server is killed in mid-reading, with one saved reading", async (name, how) => {
    const transport = new TransportLadder(name, counted());
    const { heard, token, sessionId } = await connect(transport);
    const live = how === "while it is read" ? transport.startRecording(SENTENCE) : undefined;
    live?.send(speech.slice(0, 20_000));
    const id = live?.requestId ?? transport.sendAudio(speech, SENTENCE);
    await until(() => heard.types(id).length > 0);
    await server.kill();
    live?.send(speech.slice(20_000));
    await server.start();
    live?.finish();
    await until(() => heard.ends(id).length === 1, PATIENCE_MS);
    expect(heard.types(id).at(-1)).toBe("complete");
    expect(heard.types(id).filter((type) => type === "analysis")).toHaveLength(1);
    expect(heard.of(id).map(({ seq }) => seq)).toEqual(rising(heard.of(id)));
    expect(await server.saved(token, sessionId)).toBe(1);
  }, PATIENCE_MS);

  it("goes over SSE within 5 s when no WebSocket gets through", async () => {
    const environment = { ...counted(), openSocket: blocked };
    const transport = new TransportLadder("websocket", environment);
    const { heard } = await connect(transport);
    const began = performance.now();
    const id = transport.sendAudio(speech, SENTENCE);
    await until(() => heard.types(id).includes("processing_started"));
    expect(performance.now() - began).toBeLessThan(5000);
    await until(() => heard.ends(id).length === 1);
    expect(transport.status).toEqual({ state: "fallback", reason: "blocked", transport: "sse" });
  }, PATIENCE_MS);
});

describe.skipIf(!hasServer())("against a real server that has retired SSE", () => {
  it("loses no reading, whether the page knows of it or not", async () => {
    const [server, speech] = await Promise.all([RealServer.create({ SSE_ENABLED: "false" }), spoken(SENTENCE)]);
    const environment = counted();
    const transport = new TransportLadder("sse", environment);
    try {
      const guest = await server.guest();
      transport.connect({ baseUrl: server.url, clientId: "tab", ...guest });
      const heard = new Listener(transport);
      for (const isOnlyWay of [false, true]) {
        transport.prefer({ transport: "sse", isOnlyWay });
        const id = transport.sendAudio(speech, SENTENCE);
        await until(() => heard.ends(id).length === 1);
        expect(heard.types(id).at(-1)).toBe("complete");
        expect(transport.status).toEqual({ state: "ready", reason: "live", transport: "websocket" });
      }
      expect(environment.handshakes).toBe(1);
      expect(await server.saved(guest.token, guest.sessionId)).toBe(2);
    } finally {
      transport.disconnect();
      await server.remove();
    }
  }, PATIENCE_MS);
});

/** A network that lets no WebSocket through. */
const blocked: Environment["openSocket"] = (_url, _protocols, handlers) => {
  setImmediate(() => {
    handlers.closed(1006);
  });
  return { send: () => undefined, close: () => undefined, waiting: () => 0 };
};
