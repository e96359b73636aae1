import { isUnknownRequest, type AudioEvent, type GivenUp } from "./audioProtocol";
import type { HeldRequest } from "./heldRequest";
import type { ClientMessage } from "./protocol.generated";

type Followed = {
  readonly request: HeldRequest;
  /** The present connection carries it. */
  begun: boolean;
  /** It was sent again on the present connection, whose server did not know it. */
  repeated: boolean;
};

type Post = (message: ClientMessage) => void;

/**
 * The readings that go over a WebSocket just now, apart from how that is opened and kept.
 *
 *     connected(post, held) → resume what the server holds, send what it does not
 *     happened(event)       → to the request that it is about
 *     disconnected()        → everything waits for the next `connected`
 */
export class InFlight {
  private readonly followed = new Map<string, Followed>();
  private readonly abandoned = new Set<string>();
  private post: Post | undefined;
  private takesNew = false;
  private maxFrameBytes = Infinity;

  /** Whether the present connection carries nothing. */
  get isQuiet(): boolean {
    return ![...this.followed.values()].some(({ begun }) => begun);
  }

  get isEmpty(): boolean {
    return this.followed.size === 0;
  }

  /** Carry a request, now or over the next connection. */
  add(request: HeldRequest): void {
    const followed: Followed = { request, begun: false, repeated: false };
    this.followed.set(request.id, followed);
    request.recording.follow((message) => {
      if (followed.begun) this.send(followed, [message]);
    });
    if (this.takesNew) this.send(followed, request.anew());
  }

  /** Carry it no further. A server that may still work on what nobody wants is told when it is there again. */
  remove(request: HeldRequest): void {
    if (this.followed.get(request.id)?.request !== request) return;
    request.recording.follow(undefined);
    this.followed.delete(request.id);
    if (request.unwanted && !request.ended && request.sent) this.abandoned.add(request.id);
  }

  /** There is a connection; its server knows the requests `held`. */
  connected(post: Post, held: ReadonlySet<string>, maxFrameBytes: number): void {
    this.post = post;
    this.takesNew = true;
    this.maxFrameBytes = maxFrameBytes;
    for (const id of this.abandoned) if (held.has(id)) post({ type: "cancel", request_id: id });
    this.abandoned.clear();
    for (const followed of this.all()) this.goOn(followed, followed.request.sent && held.has(followed.request.id));
  }

  /** There is none any more. */
  disconnected(): void {
    this.post = undefined;
    this.takesNew = false;
    for (const followed of this.followed.values()) {
      followed.begun = false;
      followed.repeated = false;
    }
  }

  /** The present connection finishes what it carries and takes nothing new. */
  draining(): void {
    this.takesNew = false;
  }

  /** The server told something of a request. */
  happened(event: AudioEvent): void {
    const followed = this.followed.get(event.request_id);
    if (followed === undefined) return;
    if (isUnknownRequest(event)) this.repeat(followed);
    else followed.request.received(event);
  }

  /** Tell the server that nobody wants it; it is told again after a break. */
  cancel(request: HeldRequest): void {
    const followed = this.followed.get(request.id);
    if (followed === undefined) return;
    if (followed.begun) this.send(followed, [cancelOf(request.id)]);
  }

  /** None of them goes any further here. */
  fail(code: GivenUp): void {
    for (const { request } of this.all()) request.fail(code);
  }

  /** All of them, for somebody else to carry. */
  handOver(): readonly HeldRequest[] {
    const requests = this.all().map(({ request }) => request);
    for (const request of requests) this.remove(request);
    return requests;
  }

  /** Whoever uses the app has changed, or left. */
  clear(): void {
    this.disconnected();
    for (const { request } of this.all()) request.recording.follow(undefined);
    this.followed.clear();
    this.abandoned.clear();
  }

  private all(): readonly Followed[] {
    return [...this.followed.values()];
  }

  private goOn(followed: Followed, isHeld: boolean): void {
    const { request } = followed;
    if (request.unwanted && !isHeld) return;
    this.send(followed, isHeld ? request.resumed() : request.anew());
    if (request.unwanted) this.send(followed, [cancelOf(request.id)]); // whether the server has heard so is not known
  }

  private repeat(followed: Followed): void {
    // Pieces of a recording that were under way are answered in the same way; they have been sent again by then.
    if (followed.repeated) return;
    followed.repeated = true;
    this.send(followed, followed.request.anew());
  }

  private send(followed: Followed, messages: readonly ClientMessage[]): void {
    followed.begun = true;
    for (const message of messages) {
      if (isTooLong(message, this.maxFrameBytes)) {
        followed.request.fail("audio_too_large"); // the server would close the connection
        return;
      }
      this.post?.(message);
    }
  }
}

/** For all besides audio: 200 words of 40 phonemes are the most, and take less. */
const BESIDES_BYTES = 64 * 1024;

function isTooLong(message: ClientMessage, maxFrameBytes: number): boolean {
  return "audio_base64" in message && (message.audio_base64?.length ?? 0) + BESIDES_BYTES > maxFrameBytes;
}

function cancelOf(requestId: string): ClientMessage {
  return { type: "cancel", request_id: requestId };
}
