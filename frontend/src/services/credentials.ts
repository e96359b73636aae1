/** Gets a newer token of the same user. Rejects with a `TypeError` or a status of 0 or 5xx when that may work later. */
export type RefreshToken = () => Promise<string>;

/** How it went: another token, none to be had any more, or nobody could be asked. */
export type Renewal = "renewed" | "refused" | "unreachable";

const SERVER_FAULTS = 500;

/** The token of whoever uses the app, and how to get another one. */
export class Credentials {
  token: string;
  private refresh: RefreshToken | undefined;
  private renewing: Promise<Renewal> | undefined;

  constructor(token: string, refresh?: RefreshToken) {
    this.token = token;
    this.refresh = refresh;
  }

  get canRenew(): boolean {
    return this.refresh !== undefined;
  }

  /** What the app knows by now. */
  update(token: string, refresh: RefreshToken | undefined): void {
    this.token = token;
    this.refresh = refresh;
  }

  /** Another token than `old`, asked for once however many want it. */
  renew(old: string): Promise<Renewal> {
    if (this.token !== old) return Promise.resolve("renewed");
    this.renewing ??= this.ask().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async ask(): Promise<Renewal> {
    if (this.refresh === undefined) return "refused";
    try {
      this.token = await this.refresh();
      return "renewed";
    } catch (error) {
      return mayWorkLater(error) ? "unreachable" : "refused";
    }
  }
}

function mayWorkLater(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  if (typeof error !== "object" || error === null || !("status" in error)) return false;
  return error.status === 0 || Number(error.status) >= SERVER_FAULTS;
}
