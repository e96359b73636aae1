import type { AudioEvent, ReadingReport } from "../services/audioProtocol";

/** A reading as the fake server knows it. */
export class FakeRun {
  readonly id: string;
  readonly told: AudioEvent[] = [];
  readonly chunks = new Map<number, string>();
  chunksInAll: number | undefined;
  isLive = false;
  private readonly listeners = new Set<(event: AudioEvent) => void>();

  constructor(id: string) {
    this.id = id;
  }

  get hasEnded(): boolean {
    return ["complete", "error", "cancelled"].includes(this.told.at(-1)?.type ?? "");
  }

  get isUploaded(): boolean {
    return !this.isLive || (this.chunksInAll !== undefined && this.chunks.size >= this.chunksInAll);
  }

  tell(event: Body): void {
    if (this.hasEnded) return;
    const full = { ...event, request_id: this.id, seq: this.told.length } as AudioEvent;
    this.told.push(full);
    for (const listener of this.listeners) listener(full);
  }

  /** What was told after an event, and from now on. Returns how to hear no more. */
  follow(afterSeq: number, listener: (event: AudioEvent) => void): () => void {
    for (const event of this.told) if (event.seq > afterSeq) listener(event);
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}

/** An event without its envelope. */
export type Body = { [Type in AudioEvent["type"]]: Pick<Extract<AudioEvent, { type: Type }>, "type" | "data"> }[AudioEvent["type"]];

const REPORT: ReadingReport = {
  schema_version: 1,
  sentence: "The cat sat.",
  duration_seconds: 1.2,
  alphabet: "arpabet",
  scores: { accuracy: 100, completeness: 100, fluency: 90, phoneme_error_rate: 0, words_correct_per_minute: 100 },
  words: [],
  problems: { focus_phoneme: null, by_phoneme: {}, by_group: {} },
  source: "server",
  recognizer: { name: "fake", version: "1" },
};

export const STARTED: Body = { type: "processing_started", data: { received_bytes: 3, mode: "server" } };

/** What a reading tells after `processing_started`. */
export const EVENTS: readonly Body[] = [
  { type: "progress", data: { stage: "listening", fraction: 0.3 } },
  { type: "analysis", data: REPORT },
  { type: "progress", data: { stage: "coaching", fraction: 0.7 } },
  {
    type: "gpt_response",
    data: { feedback: "Well read.", feedback_speech: "Well read.", next_sentence: "Go on.", focus_phoneme: null, source: "coach" },
  },
  { type: "complete", data: { timings: { total: 5 } } },
];

export const TYPES = [STARTED, ...EVENTS].map(({ type }) => type);

export function errorBody(code: "overloaded" | "invalid_message" | "no_speech" | "unauthorized", retryable: boolean): Body {
  return { type: "error", data: { code, message: "Please try again.", retryable, retry_after: null, stage: "receiving" } };
}
