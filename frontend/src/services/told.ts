import { isTerminal, type AudioEvent } from "./audioProtocol";

/**
 * What has been told of one request, over however many connections, transports and runs. A request that a server has
 * lost is run again, and tells everything again, perhaps in other steps; everybody hears everything once, with rising `seq`.
 */
export class Told {
  private seq = -1;
  private readonly facts = new Set<string>();
  private heardSeconds = -1;

  get nextSeq(): number {
    return this.seq + 1;
  }

  /** The event as it should be told; undefined when it says nothing new. */
  news(event: AudioEvent): AudioEvent | undefined {
    if (!this.isNew(event)) return undefined;
    this.seq = Math.max(event.seq, this.nextSeq);
    return event.seq === this.seq ? event : { ...event, seq: this.seq };
  }

  private isNew(event: AudioEvent): boolean {
    if (isTerminal(event)) return true;
    const fact = factOf(event);
    if (this.facts.has(fact)) return false;
    if (event.type === "partial") {
      if (event.data.heard_seconds < this.heardSeconds) return false;
      this.heardSeconds = event.data.heard_seconds;
    }
    this.facts.add(fact);
    return true;
  }
}

/** What an event says, as far as a run tells it at most once. */
function factOf(event: AudioEvent): string {
  switch (event.type) {
    case "progress":
      return `progress ${event.data.stage} ${event.data.fraction}`;
    case "partial":
      return `partial ${JSON.stringify(event.data)}`;
    case "warning":
      return `warning ${event.data.code}`;
    default:
      return event.type;
  }
}
