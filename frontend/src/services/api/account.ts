import { flag, number, record, text } from "./decode";
import { ApiError, call, callForBlob, type Caller } from "./http";

export type User = {
  readonly id: number;
  readonly username: string;
  readonly guest: boolean;
  /** Runs this server. Absent in what an older page has kept. */
  readonly admin?: boolean;
};

/** A token and for how long it counts. */
export type Token = { readonly value: string; readonly lifetimeSeconds: number };

export const NAME_CHARACTERS = { min: 3, max: 64 } as const;
export const PASSWORD_CHARACTERS = { min: 8, max: 128 } as const;

export async function register(username: string, password: string, caller: Caller = {}): Promise<void> {
  await call("/api/auth/register", { ...caller, method: "POST", body: { username, password } });
}

/** A guest, who has a token, becomes a user who can sign in, and keeps everything. */
export async function settle(username: string, password: string, caller: Caller): Promise<User> {
  return user(await call("/api/users/me/account", { ...caller, method: "POST", body: { username, password } }));
}

export async function signIn(username: string, password: string, caller: Caller = {}): Promise<Token> {
  const body = new URLSearchParams({ grant_type: "password", username, password });
  return token(await call("/api/auth/token", { ...caller, method: "POST", body }));
}

/** A new user without a name, to try things out. */
export async function becomeGuest(caller: Caller = {}): Promise<Token> {
  return token(await call("/api/auth/guest", { ...caller, method: "POST" }));
}

/** A newer token for one that still counts. */
export async function renewToken(caller: Caller): Promise<Token> {
  return token(await call("/api/auth/refresh", { ...caller, method: "POST" }));
}

/** Ends every token of the user, on all devices. */
export async function signOutEverywhere(caller: Caller): Promise<void> {
  await call("/api/auth/sign-out", { ...caller, method: "POST" });
}

export async function whoAmI(caller: Caller): Promise<User> {
  return user(await call("/api/users/me", caller));
}

/** Everything the server keeps of the user, as a file. */
export async function exportEverything(caller: Caller): Promise<Blob> {
  return await callForBlob("/api/users/me/export", caller);
}

/** For good. A guest has no password. */
export async function deleteAccount(password: string | null, caller: Caller): Promise<void> {
  await call("/api/users/me", { ...caller, method: "DELETE", body: password === null ? {} : { password } });
}

function user(answer: unknown): User {
  const { id, username, guest, admin } = record(answer);
  return { id: number(id), username: text(username), guest: flag(guest), admin: flag(admin) };
}

function token(answer: unknown): Token {
  const { access_token: value, expires_in: lifetime } = record(answer);
  if (typeof value !== "string" || value === "") {
    throw new ApiError("The server gave an answer that this page does not know.", {
      status: 502,
      code: "internal",
      retryable: true,
    });
  }
  return { value, lifetimeSeconds: number(lifetime, 3600) };
}
