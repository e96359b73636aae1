import type { Credentials } from "./credentials";
import type { HeldRequest } from "./heldRequest";

/** The server, and as whom it is talked to. */
export type Link = {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly clientId: string | undefined;
  readonly credentials: Credentials;
};

/** A way to the server and back. It outlives its connections, and mends them while it is open. */
export interface Carrier {
  open(link: Link): void;
  /** Let go of everything at once; nothing is told any more. May be opened again. */
  close(): void;
  /** Bring a request to its end: from the beginning, or from where another carrier left it. */
  carry(request: HeldRequest): void;
  /** Carry it no further. */
  release(request: HeldRequest): void;
  /** Tell the server that nobody wants it; its events then end with `cancelled`. */
  cancel(request: HeldRequest): void;
  /** The device woke up, or has a network again. */
  checkNow(): void;
}
