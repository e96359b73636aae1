/** How a reading gets to the server and its events come back: one interface, whatever carries them. */

import { LIVE_EXTRA_MS, TIME_LIMIT_MS } from "../config/connection";
import { localError, type AudioEvent } from "./audioProtocol";
import type { Carrier, Link } from "./carrier";
import { Credentials, type RefreshToken } from "./credentials";
import { standardEnvironment, type Environment } from "./environment";
import { Listeners } from "./listeners";
import { LiveAudio, Recorded, type ReadingFields, type Recording } from "./recording";
import { RequestDesk } from "./requestDesk";
import { SocketCarrier, type WayOut } from "./socketCarrier";
import { SseCarrier, type Retired } from "./sseCarrier";
import { isSameStatus, type Show, type TransportStatus } from "./transportStatus";

export type { StateReason, TransportName, TransportState, TransportStatus } from "./transportStatus";

export type ConnectOptions = {
  /** `http://host:port` of the server; in a browser `location.origin`. */
  readonly baseUrl: string;
  readonly token: string;
  /** The practice session of readings that name none. */
  readonly sessionId: number;
  /** One per tab, 1 to 64 of letters, digits, `.` `_` `-`: the next connection of this tab replaces the one before. */
  readonly clientId?: string;
  /** A newer token of the same user. */
  readonly refreshToken?: RefreshToken;
};

export type ReadingOptions = {
  /** Of a take that is sent again later; a new one when absent. */
  readonly requestId?: string;
  readonly sessionId?: number;
  /** Until the terminal event, whatever happens. */
  readonly timeLimitMs?: number;
  /** Of the recording; a `File` brings its own. */
  readonly filename?: string;
};

export type LiveOptions = ReadingOptions & { readonly contentType?: string };

/** A recording that is being made. */
export type LiveRecording = {
  readonly requestId: string;
  /** The next piece, cut anywhere. */
  send(chunk: Blob | Uint8Array): void;
  /** There is no more of it. */
  finish(): void;
  /** Nobody wants it: it ends with `cancelled`. */
  cancel(): void;
};

/** How far a reading has come on this side: it was begun; all of its recording is there. */
export type ReadingStep = { readonly requestId: string; readonly step: "begun" | "recorded" };

/**
 * Readings on their way to the server. Of each request id that is under way everything is told once, with rising `seq`,
 * and exactly one terminal event, the last. Broken connections are mended inside. Nothing is told before the call that
 * began it has returned. Callbacks must not throw.
 */
export interface AudioTransport {
  /** The same object until it changes. */
  readonly status: TransportStatus;
  /** Be ready. Again while connected: another token or session, over the same connection. */
  connect(options: ConnectOptions): void;
  /** Have a recording listened to; null: the browser has listened, and nothing leaves it. Returns the request id. */
  sendAudio(
    file: Blob | null,
    sentence: string,
    clientPhonemes?: readonly (readonly string[])[],
    clientWords?: readonly string[],
    options?: ReadingOptions,
  ): string;
  /** Have a recording listened to while it is made. */
  startRecording(sentence: string, options?: LiveOptions): LiveRecording;
  /** Stop the work on a reading, whose events then end with `cancelled`. */
  cancel(requestId: string): void;
  /** Returns how to hear no more. */
  onEvent(callback: (event: AudioEvent) => void): () => void;
  /** Called with every change. Returns how to hear no more. */
  onState(callback: (status: TransportStatus) => void): () => void;
  /** Called while a reading is handed in. Returns how to hear no more. */
  onStep(callback: (step: ReadingStep) => void): () => void;
  /** The page is looked at again, or the device has a network again: waste no time waiting. */
  checkNow(): void;
  /** Let everything go; what is under way ends with the error `disconnected`. May be connected again. */
  disconnect(): void;
}

const NOT_CONNECTED: TransportStatus = { state: "idle", reason: "not_connected", transport: "sse" };

/** What every transport does, whatever its carrier. */
export abstract class CarriedTransport<Way extends Carrier> implements AudioTransport {
  /** Also for a ladder, which has one desk for two transports and hands readings from one carrier to the other. */
  readonly carrier: Way;
  private readonly environment: Environment;
  private readonly desk: RequestDesk;
  private readonly events = new Listeners<AudioEvent>();
  private readonly states = new Listeners<TransportStatus>();
  private readonly steps = new Listeners<ReadingStep>();
  private current: TransportStatus;
  private link: Link | undefined;
  private sessionId = 0;

  constructor(environment: Environment, idle: TransportStatus, carrier: (show: Show) => Way) {
    this.environment = environment;
    this.current = idle;
    this.carrier = carrier((status) => {
      this.show(status);
    });
    this.desk = new RequestDesk(environment, this.carrier, (event) => {
      this.tell(event);
    });
  }

  get status(): TransportStatus {
    return this.current;
  }

  connect({ baseUrl, token, sessionId, clientId, refreshToken }: ConnectOptions): void {
    this.sessionId = sessionId;
    const { link } = this;
    if (link?.baseUrl === baseUrl && link.clientId === clientId && this.current.state !== "idle") {
      link.credentials.update(token, refreshToken);
      return;
    }
    this.link = { baseUrl, clientId, credentials: new Credentials(token, refreshToken) };
    this.carrier.open(this.link);
  }

  sendAudio(
    file: Blob | null,
    sentence: string,
    clientPhonemes?: readonly (readonly string[])[],
    clientWords?: readonly string[],
    options: ReadingOptions = {},
  ): string {
    const heard = {
      ...(clientPhonemes === undefined ? {} : { client_phonemes: clientPhonemes.map((word) => [...word]) }),
      ...(clientWords === undefined ? {} : { client_words: [...clientWords] }),
    };
    const fields = { ...this.fields(sentence, { ...named(file), ...options }, typeOf(file)), ...heard };
    this.submit(fields, new Recorded(file), options.timeLimitMs ?? TIME_LIMIT_MS);
    this.steps.tell({ requestId: fields.request_id, step: "recorded" });
    return fields.request_id;
  }

  startRecording(sentence: string, options: LiveOptions = {}): LiveRecording {
    const fields = this.fields(sentence, options, options.contentType ?? typeOf(null));
    const requestId = fields.request_id;
    const audio = new LiveAudio(requestId, this.environment.now);
    this.submit(fields, audio, options.timeLimitMs ?? TIME_LIMIT_MS + LIVE_EXTRA_MS);
    const add = async (chunk: Blob | Uint8Array) => {
      const bytes = chunk instanceof Blob ? new Uint8Array(await chunk.arrayBuffer()) : new Uint8Array(chunk);
      if (!audio.add(bytes)) this.desk.fail("audio_too_large", requestId);
    };
    let order = Promise.resolve();
    const inOrder = (run: () => Promise<void> | void) => {
      order = order.then(run).catch(() => {
        this.desk.fail("unsupported_audio", requestId);
      });
    };
    return {
      requestId,
      send: (chunk) => {
        inOrder(() => add(chunk));
      },
      finish: () => {
        this.steps.tell({ requestId, step: "recorded" });
        inOrder(() => {
          audio.end();
        });
      },
      cancel: () => {
        this.cancel(requestId);
      },
    };
  }

  cancel(requestId: string): void {
    this.desk.cancel(requestId);
  }

  onEvent(callback: (event: AudioEvent) => void): () => void {
    return this.events.add(callback);
  }

  onState(callback: (status: TransportStatus) => void): () => void {
    return this.states.add(callback);
  }

  onStep(callback: (step: ReadingStep) => void): () => void {
    return this.steps.add(callback);
  }

  checkNow(): void {
    if (this.link !== undefined) this.carrier.checkNow();
  }

  disconnect(): void {
    if (this.link === undefined) return;
    this.link = undefined;
    this.desk.fail("disconnected");
    this.carrier.close();
    this.show({ state: "closed", reason: "disconnected", transport: this.current.transport });
  }

  private submit(fields: ReadingFields, recording: Recording, timeLimitMs: number): void {
    this.steps.tell({ requestId: fields.request_id, step: "begun" });
    if (this.link !== undefined) {
      this.desk.submit(fields, recording, timeLimitMs);
      return;
    }
    this.environment.after(0, () => {
      this.tell(localError(fields.request_id, 0, "disconnected"));
    });
  }

  private fields(sentence: string, options: ReadingOptions, contentType: string): ReadingFields {
    return {
      request_id: options.requestId ?? this.environment.newId(),
      session_id: options.sessionId ?? this.sessionId,
      attempted_sentence: sentence,
      filename: options.filename ?? "recording",
      content_type: contentType,
    };
  }

  private tell(event: AudioEvent): void {
    this.events.tell(event);
  }

  private show(status: TransportStatus): void {
    if (isSameStatus(status, this.current)) return;
    this.current = status;
    this.states.tell(status);
  }
}

/** All readings over one WebSocket, opened once. */
export class WebSocketTransport extends CarriedTransport<SocketCarrier> {
  constructor(environment: Environment = standardEnvironment(), wayOut?: WayOut) {
    const idle: TransportStatus = { ...NOT_CONNECTED, transport: "websocket" };
    super(environment, idle, (show) => new SocketCarrier(environment, show, wayOut));
  }
}

/** Each reading over an HTTP stream of its own. */
export class SSETransport extends CarriedTransport<SseCarrier> {
  constructor(environment: Environment = standardEnvironment(), retired?: Retired) {
    super(environment, NOT_CONNECTED, (show) => new SseCarrier(environment, show, retired));
  }
}

function named(file: Blob | null): { readonly filename?: string } {
  return file instanceof File && file.name !== "" ? { filename: file.name } : {};
}

function typeOf(file: Blob | null): string {
  return file === null || file.type === "" ? "application/octet-stream" : file.type;
}
