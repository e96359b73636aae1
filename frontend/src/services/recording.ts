import { CHUNK_MS, MAX_CHUNK_BYTES, MAX_RECORDING_BYTES } from "../config/connection";
import { toBase64 } from "./base64";
import type { AnalyzeAudio, AudioChunk, AudioEnd, AudioStart } from "./protocol.generated";

/** What there is to say about a reading besides its audio. */
export type ReadingFields = {
  readonly request_id: string;
  readonly session_id: number;
  readonly attempted_sentence: string;
  readonly filename: string;
  readonly content_type: string;
  readonly client_phonemes?: string[][];
  readonly client_words?: string[];
};

/** Messages that carry a reading. */
export type Upload = AnalyzeAudio | AudioStart | AudioChunk | AudioEnd;

/** What a request carries, as messages for a WebSocket or in one piece for a form. */
export interface Recording {
  /** Resolves when its messages can be made; rejects when it cannot be read. */
  readonly ready: Promise<void>;
  /** Whether a server that knows the request has all of it. */
  readonly isWhole: boolean;
  /** Everything, for a server that knows nothing of it. */
  anew(fields: ReadingFields): readonly Upload[];
  /** What a server that knows the request may not have yet. */
  missing(): readonly Upload[];
  /** Have every message passed on that comes from now on; undefined: have none passed on. */
  follow(listener: ((message: Upload) => void) | undefined): void;
  /** All of it, when it is there; null: the browser has listened, and the audio stays there. */
  whole(): Promise<Blob | null>;
}

/** A recording in one piece. */
export class Recorded implements Recording {
  readonly isWhole = true;
  readonly ready: Promise<void>;
  private readonly blob: Blob | null;
  private bytes = new Uint8Array();

  constructor(blob: Blob | null) {
    this.blob = blob;
    this.ready = this.read();
  }

  anew(fields: ReadingFields): readonly Upload[] {
    return [{ type: "analyze_audio", ...fields, audio_base64: toBase64(this.bytes) }];
  }

  missing(): readonly Upload[] {
    return [];
  }

  follow(): void {
    // nothing more comes
  }

  whole(): Promise<Blob | null> {
    return Promise.resolve(this.blob);
  }

  private async read(): Promise<void> {
    if (this.blob !== null) this.bytes = new Uint8Array(await this.blob.arrayBuffer());
  }
}

/** A recording that is still being made. Its pieces are kept: a server may lose them, and SSE carries only a whole. */
export class LiveAudio implements Recording {
  readonly isWhole = false;
  readonly ready = Promise.resolve();
  private readonly requestId: string;
  private readonly now: () => number;
  private readonly chunks: Uint8Array<ArrayBuffer>[] = [];
  private waiting: Uint8Array<ArrayBuffer>[] = [];
  private size = 0;
  private dueAt: number;
  private ended = false;
  private listener: ((message: Upload) => void) | undefined;
  private complete: () => void = () => undefined;
  private readonly completed: Promise<void>;

  constructor(requestId: string, now: () => number) {
    this.requestId = requestId;
    this.now = now;
    this.dueAt = now();
    this.completed = new Promise((resolve) => {
      this.complete = resolve;
    });
  }

  /** Take the next piece, cut anywhere. False: the recording is too large, and it was not taken. */
  add(piece: Uint8Array<ArrayBuffer>): boolean {
    if (this.ended) return true;
    if (this.size + piece.length > MAX_RECORDING_BYTES) return false;
    this.size += piece.length;
    this.waiting.push(piece);
    if (this.now() >= this.dueAt) this.flush();
    return true;
  }

  /** There is no more of it. */
  end(): void {
    if (this.ended) return;
    this.flush();
    this.ended = true;
    this.listener?.(this.lastMessage());
    this.complete();
  }

  anew(fields: ReadingFields): readonly Upload[] {
    return [{ type: "audio_start", ...fields }, ...this.missing()];
  }

  missing(): readonly Upload[] {
    const chunks = this.chunks.map((_, number) => this.message(number));
    return this.ended ? [...chunks, this.lastMessage()] : chunks;
  }

  follow(listener: ((message: Upload) => void) | undefined): void {
    this.listener = listener;
  }

  async whole(): Promise<Blob | null> {
    await this.completed;
    return new Blob(this.chunks);
  }

  private flush(): void {
    const audio = joined(this.waiting);
    this.waiting = [];
    this.dueAt = this.now() + CHUNK_MS;
    for (let at = 0; at < audio.length; at += MAX_CHUNK_BYTES) {
      this.chunks.push(audio.slice(at, at + MAX_CHUNK_BYTES));
      this.listener?.(this.message(this.chunks.length - 1));
    }
  }

  private message(chunk: number): AudioChunk {
    const audio = this.chunks[chunk] ?? new Uint8Array();
    return { type: "audio_chunk", request_id: this.requestId, chunk, audio_base64: toBase64(audio) };
  }

  private lastMessage(): AudioEnd {
    return { type: "audio_end", request_id: this.requestId, chunks: this.chunks.length };
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
