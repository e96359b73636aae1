import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer, type WebSocket } from "ws";

import type { AudioEvent } from "../services/audioProtocol";
import type { ClientMessage, Limits, ServerMessage } from "../services/protocol.generated";
import { EVENTS, FakeRun, STARTED, errorBody, type Body } from "./fakeRuns";

export type Answer = { readonly status: number; readonly type: string; readonly body: string };

/** How the server behaves; may be changed at any time. */
export type Behaviour = {
  /** What becomes of a WebSocket handshake. */
  handshake: "accept" | "refuse" | "hang" | "silent";
  /** Close with this code instead of greeting. */
  closeInsteadOfReady: number | undefined;
  heartbeatSeconds: number;
  /** Whether `ping` is answered. */
  pongs: boolean;
  /** The only token that is taken; undefined: any. */
  token: string | undefined;
  /** Every event comes twice. */
  duplicates: boolean;
  /** Events of a new reading after `processing_started`; those after it wait for `finish`. */
  events: readonly Body[];
  /** Whether readings are known on the next connection. */
  holds: boolean;
  /** What HTTP requests are answered with, instead of a stream. */
  answer: Answer | undefined;
  /** Break the next so many streams after one event. */
  breakStreams: number;
};

const LIMITS: Limits = {
  min_audio_seconds: 0.3,
  max_audio_seconds: 60,
  max_audio_bytes: 4_194_304,
  max_frame_bytes: 6_291_456,
  max_sentence_characters: 300,
  max_requests_in_flight: 2,
  max_connections_per_user: 5,
  max_outbound_events: 64,
  max_unreadable_messages: 3,
  max_messages_per_minute: 120,
  max_chunks_per_minute: 1200,
  upload_idle_seconds: 30,
  hold_seconds: 600,
};

/** A server that speaks the protocol over real sockets, and misbehaves when it is told to. */
export class FakeAudioServer {
  readonly behaviour: Behaviour = {
    handshake: "accept",
    closeInsteadOfReady: undefined,
    heartbeatSeconds: 30,
    pongs: true,
    token: undefined,
    duplicates: false,
    events: EVENTS,
    holds: true,
    answer: undefined,
    breakStreams: 0,
  };
  handshakes = 0;
  /** What came over WebSockets. */
  readonly received: ClientMessage[] = [];
  /** What came over HTTP, without `/healthz`. */
  readonly requests: string[] = [];
  /** The header of that name in each of them. */
  readonly lastEventIds: unknown[] = [];
  /** Streams that are open. */
  streams = 0;
  /** The recordings that came over HTTP. */
  readonly posted: string[] = [];
  /** Query and token of each handshake. */
  readonly openings: { readonly url: string; readonly token: string }[] = [];
  readonly runs = new Map<string, FakeRun>();
  /** How often each reading was begun. */
  readonly begun: string[] = [];
  private readonly sockets = new Set<WebSocket>();
  private readonly hanging = new Set<Duplex>();
  private readonly websockets = new WebSocketServer({ noServer: true, handleProtocols: () => "sounditout.v1" });
  private readonly http: Server = createServer((request, response) => {
    void this.answer(request, response);
  });

  /** How many WebSockets are open. */
  get open(): number {
    return this.sockets.size;
  }

  get url(): string {
    const address = this.http.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  async start(port = 0): Promise<this> {
    this.http.removeAllListeners("upgrade").on("upgrade", (request, socket, head) => {
      this.upgrade(request, socket, head);
    });
    this.http.listen(port, "127.0.0.1");
    await once(this.http, "listening");
    return this;
  }

  async stop(): Promise<void> {
    this.drop();
    for (const socket of this.hanging) socket.destroy();
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, "close");
  }

  /** Break every WebSocket without a close. */
  drop(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  close(code: number): void {
    for (const socket of this.sockets) socket.close(code);
  }

  say(message: ServerMessage | AudioEvent): void {
    for (const socket of this.sockets) socket.send(JSON.stringify(message));
  }

  sayText(text: string): void {
    for (const socket of this.sockets) socket.send(text);
  }

  /** Tell more of a reading. */
  tell(requestId: string, ...events: readonly Body[]): void {
    for (const event of events) this.runs.get(requestId)?.tell(event);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.handshakes += 1;
    socket.on("error", () => undefined); // a client may be gone before it is answered
    const protocols = request.headers["sec-websocket-protocol"] ?? "";
    const token = /bearer\.([^,\s]+)/.exec(protocols)?.[1] ?? "";
    this.openings.push({ url: request.url ?? "", token });
    if (this.behaviour.handshake === "refuse") {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    } else if (this.behaviour.handshake === "hang") {
      this.hanging.add(socket);
    } else {
      this.websockets.handleUpgrade(request, socket, head, (opened) => {
        this.greet(opened, token);
      });
    }
  }

  private greet(socket: WebSocket, token: string): void {
    this.sockets.add(socket);
    const followed = new Map<string, () => void>();
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.sockets.delete(socket);
      for (const stop of followed.values()) stop();
    });
    if (this.behaviour.handshake === "silent") return;
    const { closeInsteadOfReady, token: wanted } = this.behaviour;
    const code = wanted !== undefined && token !== wanted ? 4401 : closeInsteadOfReady;
    if (code !== undefined) {
      socket.close(code);
      return;
    }
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as ClientMessage;
      this.received.push(message);
      this.handle(message, socket, followed);
    });
    const held = this.behaviour.holds ? [...this.runs.keys()] : [];
    if (!this.behaviour.holds) this.runs.clear();
    const heartbeat_seconds = this.behaviour.heartbeatSeconds;
    send(socket, { type: "ready", data: { connection_id: "c", heartbeat_seconds, limits: LIMITS, held } });
  }

  private handle(message: ClientMessage, socket: WebSocket, followed: Map<string, () => void>): void {
    switch (message.type) {
      case "ping":
        if (this.behaviour.pongs) send(socket, { type: "pong", data: { sent_at: null } });
        return;
      case "refresh_token":
        send(socket, { type: "token_refreshed", data: { expires_in_seconds: 900 } });
        return;
      case "analyze_audio":
      case "audio_start": {
        const run = this.begin(message.request_id ?? "", message.type === "audio_start");
        this.follow(run, -1, socket, followed);
        return;
      }
      default:
        this.goOn(message, socket, followed);
    }
  }

  private goOn(
    message: Exclude<ClientMessage, { type: "ping" | "refresh_token" | "analyze_audio" | "audio_start" }>,
    socket: WebSocket,
    followed: Map<string, () => void>,
  ): void {
    const run = this.runs.get(message.request_id);
    if (run === undefined) {
      if (message.type === "cancel") return;
      send(socket, { ...errorBody("invalid_message", true), request_id: message.request_id, seq: 0 } as AudioEvent);
      return;
    }
    if (message.type === "cancel") run.tell({ type: "cancelled", data: { stage: "listening" } });
    if (message.type === "resume") this.follow(run, message.after_seq ?? -1, socket, followed);
    if (message.type === "audio_chunk" && !run.chunks.has(message.chunk)) run.chunks.set(message.chunk, message.audio_base64);
    if (message.type === "audio_end") run.chunksInAll = message.chunks ?? run.chunks.size;
    if (run.isLive && run.isUploaded) this.work(run);
  }

  private begin(id: string, isLive: boolean): FakeRun {
    const known = this.runs.get(id);
    const isRetried = known?.told.at(-1)?.type === "error";
    if (known !== undefined && !isRetried) return known;
    const run = new FakeRun(id);
    run.isLive = isLive;
    this.runs.set(id, run);
    this.begun.push(id);
    run.tell(STARTED);
    if (!isLive) this.work(run);
    return run;
  }

  private work(run: FakeRun): void {
    if (run.told.length > 1) return;
    for (const event of this.behaviour.events) run.tell(event);
  }

  private follow(run: FakeRun, afterSeq: number, socket: WebSocket, followed: Map<string, () => void>): void {
    followed.get(run.id)?.();
    const stop = run.follow(afterSeq, (event) => {
      send(socket, event);
      if (this.behaviour.duplicates) send(socket, event);
    });
    followed.set(run.id, stop);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (path === "/healthz") {
      response.end("{}");
      return;
    }
    this.requests.push(`${request.method ?? ""} ${path}`);
    const form = await textOf(request);
    this.lastEventIds.push(request.headers["last-event-id"]);
    const { answer } = this.behaviour;
    if (answer !== undefined) {
      response.writeHead(answer.status, { "Content-Type": answer.type }).end(answer.body);
      return;
    }
    if (!this.isAllowed(request)) return refuse(response, 401, "unauthorized");
    const [, id, what] = /analyze-audio\/([^/]+)\/(events|cancel)$/.exec(path) ?? [];
    if (what === "cancel") this.cancelled(id ?? "", response);
    else if (what === "events") this.resumed(id ?? "", request, response);
    else {
      this.posted.push(fieldOf(form, "audio_file"));
      this.stream(this.begin(fieldOf(form, "request_id"), false), -1, response);
    }
  }

  private isAllowed(request: IncomingMessage): boolean {
    const { token } = this.behaviour;
    return token === undefined || request.headers.authorization === `Bearer ${token}`;
  }

  private cancelled(id: string, response: ServerResponse): void {
    this.tell(id, { type: "cancelled", data: { stage: "listening" } });
    response.end(JSON.stringify({ request_id: id, cancelled: true }));
  }

  private resumed(id: string, request: IncomingMessage, response: ServerResponse): void {
    const run = this.runs.get(id);
    const after = Number(/:(-?\d+)$/.exec(String(request.headers["last-event-id"]))?.[1] ?? -1);
    if (run === undefined) refuse(response, 404, "invalid_message");
    else this.stream(run, after, response);
  }

  private stream(run: FakeRun, afterSeq: number, response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": here\n\n");
    const breaks = this.behaviour.breakStreams > 0;
    if (breaks) this.behaviour.breakStreams -= 1;
    let sent = 0;
    const stop = run.follow(afterSeq, (event) => {
      if (breaks && sent > 0) return;
      sent += 1;
      const text = `id: ${event.request_id}:${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
      response.write(this.behaviour.duplicates ? text + text : text);
      if (breaks) setImmediate(() => response.destroy());
      else if (run.hasEnded && event === run.told.at(-1)) response.end();
    });
    this.streams += 1;
    response.on("close", () => {
      this.streams -= 1;
      stop();
    });
  }
}

function send(socket: WebSocket, message: ServerMessage | AudioEvent): void {
  socket.send(JSON.stringify(message));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ code, detail: "Please try again.", retryable: status !== 401 }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("latin1");
}

function fieldOf(form: string, name: string): string {
  return new RegExp(`name="${name}"(?:.*\\r\\n)+?\\r\\n([^\\r]*)`).exec(form)?.[1] ?? "";
}
