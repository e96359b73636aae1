import { flag, number, record, text } from "../services/api/decode";
import type { Token, User } from "../services/api/account";

/** Somebody the server knows; times in milliseconds since 1970. */
export type Account = {
  readonly token: string;
  /** When to ask for a newer token. */
  readonly renewAt: number;
  readonly expiresAt: number;
  readonly user: User;
};

/** Of a token's life: a network that is away for the rest of it is not mended by asking earlier. */
const RENEW_AFTER = 0.75;

export type Goodbye = "never-here" | "signed-out" | "expired" | "deleted";

export type SessionState =
  | { readonly status: "stranger"; readonly why: Goodbye }
  | { readonly status: "known"; readonly account: Account };

export type SessionAction =
  | { readonly type: "entered"; readonly account: Account }
  | { readonly type: "left"; readonly why: Exclude<Goodbye, "never-here"> }
  | { readonly type: "looked-up"; readonly token: string; readonly user: User }
  /** There is a newer token in the place of `token`. */
  | { readonly type: "renewed"; readonly token: string; readonly fresh: Token; readonly now: number }
  | { readonly type: "refused"; readonly token: string };

export const STRANGER: SessionState = { status: "stranger", why: "never-here" };

/** Answers about a token that is no longer in use change nothing. */
export function sessionReducer(state: SessionState, action: SessionAction): SessionState {
  switch (action.type) {
    case "entered":
      return { status: "known", account: action.account };
    case "left":
      return { status: "stranger", why: action.why };
    case "looked-up":
      if (!holds(state, action.token)) return state;
      return { status: "known", account: { ...state.account, user: action.user } };
    case "renewed":
      if (!holds(state, action.token)) return state;
      return { status: "known", account: accountOf(action.fresh, state.account.user, action.now) };
    case "refused":
      return holds(state, action.token) ? { status: "stranger", why: "expired" } : state;
  }
}

function holds(state: SessionState, token: string): state is Extract<SessionState, { status: "known" }> {
  return state.status === "known" && state.account.token === token;
}

export function accountOf(token: Token, user: User, now: number): Account {
  const lifetime = token.lifetimeSeconds * 1000;
  return { token: token.value, renewAt: now + RENEW_AFTER * lifetime, expiresAt: now + lifetime, user };
}

/** What was stored, as a state: a token that has ended by `now` is not used any more. */
export function restored(stored: string | null, now: number): SessionState {
  if (stored === null) return STRANGER;
  const account = storedAccount(stored);
  if (account === undefined) return STRANGER;
  return account.expiresAt > now ? { status: "known", account } : { status: "stranger", why: "expired" };
}

function storedAccount(stored: string): Account | undefined {
  const saved = record(parse(stored));
  const user = record(saved["user"]);
  const token = text(saved["token"]);
  if (token === "") return undefined;
  return {
    token,
    renewAt: number(saved["renewAt"]),
    expiresAt: number(saved["expiresAt"]),
    user: { id: number(user["id"]), username: text(user["username"]), guest: flag(user["guest"]) },
  };
}

function parse(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch {
    return undefined;
  }
}
