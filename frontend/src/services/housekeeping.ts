import { LONGEST_MOVE_MS, RENEW_EVERY_MS } from "../config/connection";
import type { ServerMessage } from "./audioProtocol";
import type { Credentials } from "./credentials";
import type { Environment } from "./environment";
import type { InFlight } from "./inFlight";
import type { SocketConnection } from "./socketConnection";

/** What a server says to one connection and not about a reading: its token ends, the server stops. Ends with it. */
export class Housekeeping {
  private readonly environment: Environment;
  private readonly connection: SocketConnection;
  private readonly inFlight: InFlight;
  private readonly credentials: Credentials;
  private token: string;
  private movesAt = 0;
  private isDue = false;
  private isOver = false;
  private renewedAt = -Infinity;
  private stopMove: () => void = () => undefined;

  constructor(
    environment: Environment,
    connection: SocketConnection,
    inFlight: InFlight,
    credentials: Credentials,
    token: string,
  ) {
    this.environment = environment;
    this.connection = connection;
    this.inFlight = inFlight;
    this.credentials = credentials;
    this.token = token;
  }

  /** Milliseconds until it is our turn to come back to a server that stops, which may have closed long before. */
  get staysForMs(): number {
    return Math.max(0, this.movesAt - this.environment.now());
  }

  /** Whether it says that the server stops. */
  handle(notice: ServerMessage): boolean {
    if (notice.type === "token_expiring") void this.renew();
    if (notice.type !== "draining") return false;
    this.inFlight.draining();
    const within = Math.min(Math.max(notice.data.reconnect_within_ms, 0), LONGEST_MOVE_MS);
    const ms = this.environment.random() * within;
    this.movesAt = this.environment.now() + ms; // at once: the close may follow on its heels
    this.stopMove();
    this.stopMove = this.environment.after(ms, () => {
      this.isDue = true;
      this.tidy();
    });
    return true;
  }

  /** Something happened: leave a server that stops, once it has nothing of ours under way. */
  tidy(): void {
    if (this.isDue && !this.isOver && this.inFlight.isQuiet) this.connection.move();
  }

  close(): void {
    this.isOver = true;
    this.stopMove();
  }

  private async renew(): Promise<void> {
    const now = this.environment.now();
    if (!this.credentials.canRenew || now - this.renewedAt < RENEW_EVERY_MS) return;
    this.renewedAt = now;
    const renewal = await this.credentials.renew(this.token);
    if (renewal !== "renewed" || this.isOver) return; // else closed with 4401 when it ends, and then there is another try
    this.token = this.credentials.token;
    this.connection.post({ type: "refresh_token", token: this.token });
  }
}
