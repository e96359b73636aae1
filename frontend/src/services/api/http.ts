import { flag, record, text } from "./decode";

/** Who calls, and where. `base` is empty in a browser: there is only the server the page came from. */
export type Caller = {
  readonly token?: string | undefined;
  readonly base?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type Call = Caller & {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Sent as JSON, or as it is when it is a form. */
  readonly body?: unknown;
};

/** A refusal or a failure, in words for the person in front of the screen. */
export class ApiError extends Error {
  /** HTTP status; 0 when nothing was answered. */
  readonly status: number;
  /** The server's stable name for what happened; "unreachable" when nothing was answered. */
  readonly code: string;
  readonly retryable: boolean;
  /** Seconds after which it may be tried again; null when the server did not say. */
  readonly retryAfter: number | null;

  constructor(message: string, details: { status: number; code: string; retryable: boolean; retryAfter?: number | null }) {
    super(message);
    this.name = "ApiError";
    this.status = details.status;
    this.code = details.code;
    this.retryable = details.retryable;
    this.retryAfter = details.retryAfter ?? null;
  }
}

const TIMEOUT_MS = 20_000; // the slowest answer, a password's hash in a long queue, takes about a second
const UNREACHABLE = "The server cannot be reached just now. Nothing is lost; please try again in a moment.";
const UNKNOWN = "Something went wrong on the server. Please try again.";

/**
 * The JSON that the server answers; undefined when it answers nothing.
 *
 * @throws ApiError when it refuses or cannot be reached. An abort by the caller's own signal passes through.
 */
export async function call(path: string, options: Call = {}): Promise<unknown> {
  const body = await (await send(path, options)).text();
  return body === "" ? undefined : parsed(body);
}

/** As `call`, for an answer that is not JSON. */
export async function callForBlob(path: string, options: Call = {}): Promise<Blob> {
  return await (await send(path, options)).blob();
}

async function send(path: string, options: Call): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const response = await fetch((options.base ?? "") + path, { ...request(options), signal }).catch((error: unknown) => {
    if (options.signal?.aborted === true) throw error;
    throw unreachable();
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

function request({ method = "GET", token, body }: Call): RequestInit {
  const headers = new Headers({ Accept: "application/json" });
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  if (body === undefined) return { method, headers };
  if (body instanceof URLSearchParams || body instanceof FormData) return { method, headers, body };
  headers.set("Content-Type", "application/json");
  return { method, headers, body: JSON.stringify(body) };
}

/** Refusals are RFC 9457 problems; anything else comes from a proxy in between. */
async function refusal(response: Response): Promise<ApiError> {
  const problem = record(parsed(await response.text().catch(() => "")));
  const away = response.status >= 502 && response.status <= 504;
  if (text(problem["code"]) === "" && away) return unreachable();
  return new ApiError(text(problem["detail"]) || UNKNOWN, {
    status: response.status,
    code: text(problem["code"], "internal"),
    retryable: flag(problem["retryable"], response.status >= 500),
    retryAfter: seconds(response.headers.get("Retry-After")),
  });
}

function unreachable(): ApiError {
  return new ApiError(UNREACHABLE, { status: 0, code: "unreachable", retryable: true });
}

function seconds(header: string | null): number | null {
  const value = Number(header ?? "");
  return header !== null && header !== "" && Number.isFinite(value) ? Math.max(0, value) : null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What to tell somebody about any failure. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : UNKNOWN;
}
