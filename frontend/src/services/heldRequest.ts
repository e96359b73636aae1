import { isTerminal, type AudioEvent, type GivenUp } from "./audioProtocol";
import type { Resume } from "./protocol.generated";
import type { ReadingFields, Recording, Upload } from "./recording";

/** Whoever wants to know what becomes of a request. */
export type Fate = {
  readonly happened: (event: AudioEvent) => void;
  /** It goes no further. */
  readonly failed: (code: GivenUp) => void;
};

/** A reading on its way and how far it has come, whatever carries it: the same for both transports. */
export class HeldRequest {
  readonly fields: ReadingFields;
  readonly recording: Recording;
  /** A server may know of it. */
  sent = false;
  /** Its terminal event has come. */
  ended = false;
  /** Somebody wants it to stop. */
  unwanted = false;
  private readonly fate: Fate;
  private afterSeq = -1;

  constructor(fields: ReadingFields, recording: Recording, fate: Fate) {
    this.fields = fields;
    this.recording = recording;
    this.fate = fate;
  }

  get id(): string {
    return this.fields.request_id;
  }

  /** For the SSE header of that name. */
  get lastEventId(): string {
    return `${this.id}:${this.afterSeq}`;
  }

  /** It has ended, and is to be run once more. */
  again(): void {
    this.sent = false;
    this.ended = false;
    this.afterSeq = -1;
  }

  /** It is given to a server, which tells it from the start. */
  begin(): void {
    this.sent = true;
    this.afterSeq = -1;
  }

  /** Messages that begin it, on a server that does not know it; one that does tells what it knows. */
  anew(): readonly Upload[] {
    this.begin();
    return this.recording.anew(this.fields);
  }

  /** Messages that go on with it, on a server that knows it. */
  resumed(): readonly (Resume | Upload)[] {
    const resume: Resume = { type: "resume", request_id: this.id, after_seq: this.afterSeq };
    return [resume, ...this.recording.missing()];
  }

  /** An event came, perhaps not for the first time. */
  received(event: AudioEvent): void {
    if (this.ended) return;
    if (event.seq === 0) this.afterSeq = -1; // a run from its start
    this.ended = isTerminal(event);
    if (event.seq <= this.afterSeq && !this.ended) return;
    this.afterSeq = event.seq;
    this.fate.happened(event);
  }

  /** Whoever carries it gives it up. */
  fail(code: GivenUp): void {
    if (this.ended) return;
    this.ended = true;
    this.fate.failed(code);
  }
}
