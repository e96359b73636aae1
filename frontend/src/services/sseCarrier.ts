import { ANALYZE_PATH } from "../config/connection";
import type { Carrier, Link } from "./carrier";
import type { Environment } from "./environment";
import type { HeldRequest } from "./heldRequest";
import { SseStream } from "./sseStream";
import type { Show, StateReason, TransportState } from "./transportStatus";

/** One HTTP stream per reading. Nothing is open between readings. */
export class SseCarrier implements Carrier {
  private readonly environment: Environment;
  private readonly showStatus: Show;
  private link: Link | undefined;
  private readonly streams = new Map<HeldRequest, SseStream>();
  private errands = new AbortController();
  private isSignedOut = false;

  constructor(environment: Environment, show: Show) {
    this.environment = environment;
    this.showStatus = show;
  }

  get count(): number {
    return this.streams.size;
  }

  open(link: Link): void {
    this.link = link;
    this.isSignedOut = false;
    this.show("connecting", "opening");
    this.show("ready", "chosen");
  }

  close(): void {
    this.link = undefined;
    for (const stream of this.streams.values()) stream.stop();
    this.streams.clear();
    this.errands.abort();
    this.errands = new AbortController();
  }

  carry(request: HeldRequest): void {
    if (this.link === undefined || this.streams.has(request)) return;
    const stream = new SseStream(this.environment, this.link, request, {
      lives: () => {
        this.isSignedOut = false;
        this.show("ready", "chosen");
      },
      trouble: (reason) => {
        this.show("reconnecting", this.environment.isOnline() ? reason : "offline");
      },
      signedOut: () => {
        this.isSignedOut = true;
        this.show("idle", "signed_out");
      },
    });
    this.streams.set(request, stream);
    void stream.run();
  }

  release(request: HeldRequest): void {
    this.streams.get(request)?.stop();
    this.streams.delete(request);
    this.rest();
  }

  cancel(request: HeldRequest): void {
    if (this.link !== undefined && request.sent) void this.askToCancel(this.link, request.id);
  }

  checkNow(): void {
    for (const stream of this.streams.values()) stream.checkNow();
  }

  /** There is no way back to the server but another request; when that fails the work goes on, and nobody hears of it. */
  private async askToCancel({ baseUrl, credentials }: Link, requestId: string): Promise<void> {
    const url = `${baseUrl}${ANALYZE_PATH}/${requestId}/cancel`;
    const headers = { Authorization: `Bearer ${credentials.token}` };
    try {
      const answer = await this.environment.fetch(url, { method: "POST", headers, signal: this.errands.signal });
      await answer.body?.cancel();
    } catch {
      // the desk ends the request all the same
    }
  }

  /** Without a reading there is nothing that could be in trouble. */
  private rest(): void {
    if (this.streams.size === 0 && this.link !== undefined && !this.isSignedOut) this.show("ready", "chosen");
  }

  private show(state: TransportState, reason: StateReason): void {
    this.showStatus({ state, reason, transport: "sse" });
  }
}
