import { fields, json, parseEvent, string, type ReadingEvent } from "./audioProtocol";
import { serverEvents } from "./eventStream";

/** What went wrong, in words for the person who reads aloud. */
export class ApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type Health = { readonly ready: boolean; readonly checks: readonly Check[] };

const UNREACHABLE = "The server cannot be reached. Your recording is still here; please try again.";
const TOO_LONG_MS = 90_000; // the server itself gives up on a reading after 60 s

/** What the server says about itself; it answers 503 with the same body while something is missing. */
export async function getHealth(signal: AbortSignal): Promise<Health> {
  const response = await fetch("/readyz", { signal });
  const body = fields(json(await response.text()));
  const checks = Object.entries(fields(body["checks"])).map(([name, value]) => {
    const check = fields(value);
    return { name, ok: check["ok"] === true, detail: string(check["detail"]) };
  });
  return { ready: response.ok && body["status"] === "ready", checks };
}

/** Somebody who tries things out: a token and a session to read in. */
export type Guest = { readonly token: string; readonly sessionId: number };

export async function becomeGuest(): Promise<Guest> {
  const token = string(fields(await post("/api/auth/guest", {}))["access_token"]);
  const session = fields(await post("/api/sessions", { token, body: JSON.stringify({ activity: "try it now" }) }));
  const id = session["id"];
  if (token === "" || typeof id !== "number") throw new ApiError("The server gave an answer we do not know.", 502);
  return { token, sessionId: id };
}

/** Have a recording listened to. Yields events up to and with the last one. */
export async function* analyze(guest: Guest, audio: File, sentence: string): AsyncGenerator<ReadingEvent> {
  const form = new FormData();
  form.set("audio_file", audio);
  form.set("attempted_sentence", sentence);
  form.set("session_id", String(guest.sessionId));
  const response = await send("/api/ai/analyze-audio", { token: guest.token, body: form });
  if (response.body === null) throw new ApiError(UNREACHABLE, 0);
  for await (const { data } of serverEvents(response.body)) {
    const event = parseEvent(data);
    if (event === undefined) continue;
    yield event;
    if (event.type === "complete" || event.type === "error" || event.type === "cancelled") return;
  }
  throw new ApiError("The connection was lost before the end. Your recording is still here; please try again.", 0);
}

type Request = { readonly token?: string; readonly body?: string | FormData };

async function post(path: string, request: Request): Promise<unknown> {
  return json(await (await send(path, request)).text());
}

async function send(path: string, { token, body }: Request): Promise<Response> {
  const headers = new Headers();
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  if (typeof body === "string") headers.set("Content-Type", "application/json");
  const init = { method: "POST", headers, body: body ?? null, signal: AbortSignal.timeout(TOO_LONG_MS) };
  const response = await fetch(path, init).catch(() => {
    throw new ApiError(UNREACHABLE, 0);
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

/** Refusals are RFC 9457 problems. */
async function refusal(response: Response): Promise<ApiError> {
  const problem = fields(json(await response.text()));
  const message = string(problem["detail"]) || string(problem["title"]);
  return new ApiError(message || "Something went wrong. Please try again.", response.status);
}
