import { ANALYZE_PATH } from "../config/connection";
import { isServerThere } from "./alive";
import type { Carrier, Link } from "./carrier";
import type { Environment } from "./environment";
import type { HeldRequest } from "./heldRequest";
import { SseStream } from "./sseStream";
import type { Show, StateReason, TransportState } from "./transportStatus";

/** Who carries a request that was to go over SSE, when the server has retired that. */
export type Retired = (request: HeldRequest) => void;

/** One HTTP stream per reading. Nothing is open between readings. */
export class SseCarrier implements Carrier {
  private readonly environment: Environment;
  private readonly showStatus: Show;
  private readonly retired: Retired | undefined;
  private link: Link | undefined;
  private readonly streams = new Map<HeldRequest, SseStream>();
  private errands = new AbortController();
  private isSignedOut = false;
  /** The server was heard since the device last changed its network. */
  private isThere = false;

  constructor(environment: Environment, show: Show, retired?: Retired) {
    this.environment = environment;
    this.showStatus = show;
    this.retired = retired;
  }

  get count(): number {
    return this.streams.size;
  }

  open(link: Link): void {
    this.link = link;
    this.isSignedOut = false;
    this.show("connecting", "opening");
    this.look();
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
        this.isThere = true;
        this.show("ready", "chosen");
      },
      trouble: (reason) => {
        this.isThere = false;
        this.show("reconnecting", this.environment.isOnline() ? reason : "offline");
      },
      signedOut: () => {
        this.isSignedOut = true;
        this.show("idle", "signed_out");
      },
      retired: () => this.handOver(request),
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
    this.look();
  }

  private handOver(request: HeldRequest): boolean {
    if (this.retired === undefined) return false;
    this.release(request);
    this.retired(request);
    return true;
  }

  /** The device has a network, or none, perhaps another than before. */
  private look(): void {
    if (this.link === undefined || this.isSignedOut) return;
    this.isThere = false;
    if (!this.isCutOff) return this.rest();
    this.show("reconnecting", "offline");
    void this.lookNearby(this.link);
  }

  /** A server on this very device is there without any network. */
  private async lookNearby(link: Link): Promise<void> {
    const isThere = await isServerThere(this.environment, link.baseUrl, this.errands.signal);
    if (!isThere || this.link !== link) return;
    this.isThere = true;
    this.rest();
  }

  private get isCutOff(): boolean {
    return !this.isThere && !this.environment.isOnline();
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

  /** Without a reading there is nothing that could be in trouble but the device itself. */
  private rest(): void {
    if (this.streams.size > 0 || this.link === undefined || this.isSignedOut) return;
    if (this.isCutOff) this.show("reconnecting", "offline");
    else this.show("ready", "chosen");
  }

  private show(state: TransportState, reason: StateReason): void {
    this.showStatus({ state, reason, transport: "sse" });
  }
}
