import { isTerminal, type AudioEvent, type TerminalEvent } from "../audioProtocol";
import type { ReadingStep } from "../audioTransport";
import type { TransportName } from "../transportStatus";
import { errorCode, measured, type Measurement } from "./measurement";

/** A reading that is under way. */
type Watched = {
  readonly transport: TransportName;
  readonly stage: number;
  readonly later: boolean;
  readonly begunAt: number;
  recordedAt: number | undefined;
  firstEventMs: number | undefined;
  wordsMs: number | undefined;
};

export type ReadingWatchOptions = {
  readonly now: () => number;
  readonly stage: () => number;
  /** That the next reading goes over. */
  readonly transport: () => TransportName;
  readonly isOnline: () => boolean;
  readonly measured: (measurement: Measurement, stage: number) => void;
};

/**
 * How long readings take and how they end. Each belongs to the way on which it was handed in, also when another one
 * brings it to its end. As many are watched as a transport has under way, which ends every one of them.
 */
export class ReadingWatch {
  private readonly options: ReadingWatchOptions;
  private readonly underWay = new Map<string, Watched>();
  private hasRead = false;

  constructor(options: ReadingWatchOptions) {
    this.options = options;
  }

  stepped({ requestId, step }: ReadingStep): void {
    if (step === "begun") this.begin(requestId);
    const reading = this.underWay.get(requestId);
    if (step === "recorded" && reading !== undefined) reading.recordedAt ??= this.options.now();
  }

  happened(event: AudioEvent): void {
    const reading = this.underWay.get(event.request_id);
    if (reading === undefined) return;
    const now = this.options.now();
    if (isFromServer(event)) reading.firstEventMs ??= measured(now - handedInAt(reading));
    if (event.type === "analysis") reading.wordsMs ??= measured(now - (reading.recordedAt ?? now));
    if (isTerminal(event)) this.end(reading, event);
  }

  private begin(requestId: string): void {
    if (this.underWay.has(requestId)) return;
    const { now, stage, transport } = this.options;
    this.underWay.set(requestId, {
      transport: transport(),
      stage: stage(),
      later: this.hasRead,
      begunAt: now(),
      recordedAt: undefined,
      firstEventMs: undefined,
      wordsMs: undefined,
    });
    this.hasRead = true;
  }

  private end(reading: Watched, event: TerminalEvent): void {
    this.underWay.delete(event.request_id);
    const isCutOff = event.type === "error" && event.data.code === "connection_failed" && !this.options.isOnline();
    if (isCutOff) return; // without a network nothing can be said of either way
    const { transport, later, firstEventMs, wordsMs } = reading;
    const measurement: Measurement = {
      kind: "reading",
      transport,
      later,
      ...endOf(event),
      ...(firstEventMs !== undefined && { first_event_ms: firstEventMs }),
      ...(wordsMs !== undefined && { words_ms: wordsMs }),
    };
    this.options.measured(measurement, reading.stage);
  }
}

type End = { readonly outcome: "complete" | "failed" | "cancelled"; readonly code?: string };

function endOf(event: TerminalEvent): End {
  if (event.type === "error") return { outcome: "failed", ...errorCode(event.data.code) };
  return { outcome: event.type };
}

/** What this side may say by itself is no answer. */
const OURS: ReadonlySet<string> = new Set([
  "connection_failed",
  "disconnected",
  "replaced",
  "audio_too_large",
  "unsupported_audio",
]);

function isFromServer(event: AudioEvent): boolean {
  if (event.type === "error") return !OURS.has(event.data.code);
  return event.type !== "cancelled";
}

/** A WebSocket is told of a recording when it begins, SSE when it is complete. */
function handedInAt({ transport, begunAt, recordedAt }: Watched): number {
  return transport === "sse" ? (recordedAt ?? begunAt) : begunAt;
}
