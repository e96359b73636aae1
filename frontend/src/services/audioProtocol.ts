import type {
  CancelledEvent,
  Complete,
  ServerMessage,
  WireError,
  WireErrorCode,
  WireErrorData,
  WireEvent,
} from "./protocol.generated";
import { SHAPES } from "./protocolShapes.generated";
import { fits, isObject } from "./shape";

export type * from "./protocol.generated";

/** What goes wrong on this side of the connection. */
export type LocalErrorCode = "connection_failed" | "unreadable_answer" | "replaced" | "disconnected";
export type ErrorCode = WireErrorCode | LocalErrorCode;
export type ErrorData = Omit<WireErrorData, "code"> & { code: ErrorCode };
export type ErrorEvent = Omit<WireError, "data"> & { data: ErrorData };

/** What is told of one reading: the same over both transports. */
export type AudioEvent = Exclude<WireEvent, WireError> | ErrorEvent;
export type TerminalEvent = Complete | ErrorEvent | CancelledEvent;

/** Whether nothing comes after it. */
export function isTerminal(event: AudioEvent): event is TerminalEvent {
  return event.type === "complete" || event.type === "error" || event.type === "cancelled";
}

/** Whether it says that the server knows nothing of the request (any more), and would take it. */
export function isUnknownRequest(event: AudioEvent): boolean {
  return event.type === "error" && event.data.code === "invalid_message" && event.data.retryable;
}

/** One message of a server, as far as it can be believed. */
export type Incoming =
  | { readonly kind: "event"; readonly event: AudioEvent }
  | { readonly kind: "notice"; readonly notice: ServerMessage }
  /** Of a type that only newer servers know, or of a known type and broken, but not needed. */
  | { readonly kind: "ignored" }
  /** Not a message of this protocol at all. */
  | { readonly kind: "unreadable" };

/** Without these a reading has no result: when they are broken, that is an error. */
const ESSENTIAL: ReadonlySet<unknown> = new Set(["analysis", "complete", "error", "cancelled"]);

const ERROR_CODES = SHAPES["WireErrorCode"]?.enum ?? [];

/** Never trusts the text: what does not have its shape is ignored, or becomes an error of its request. */
export function parseMessage(text: unknown): Incoming {
  const message = typeof text === "string" ? parseJson(text) : undefined;
  if (!isObject(message) || typeof message["type"] !== "string") return { kind: "unreadable" };
  if ("request_id" in message) return parseRequestEvent(message);
  return isNotice(message) ? { kind: "notice", notice: message } : { kind: "ignored" };
}

function parseRequestEvent(message: Readonly<Record<string, unknown>>): Incoming {
  const known = withKnownCode(message);
  if (isWireEvent(known)) return { kind: "event", event: known };
  const requestId = message["request_id"];
  if (typeof requestId !== "string" || !ESSENTIAL.has(message["type"])) return { kind: "ignored" };
  const seq = Number.isSafeInteger(message["seq"]) ? Number(message["seq"]) : 0;
  return { kind: "event", event: localError(requestId, seq, "unreadable_answer") };
}

/** Newer servers may have errors that this app has not heard of. They are errors all the same. */
function withKnownCode(message: Readonly<Record<string, unknown>>): unknown {
  const data = message["data"];
  const isError = message["type"] === "error" || message["type"] === "warning";
  if (!isError || !isObject(data) || typeof data["code"] !== "string") return message;
  return ERROR_CODES.includes(data["code"]) ? message : { ...message, data: { ...data, code: "internal" } };
}

function isWireEvent(value: unknown): value is WireEvent {
  return fits(value, { $ref: "#/$defs/WireEvent" }, SHAPES);
}

function isNotice(value: unknown): value is ServerMessage {
  return fits(value, { $ref: "#/$defs/ServerMessage" }, SHAPES);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a person is told when it is this side that gives up, and whether trying again may help. */
const LOCAL_ERRORS = {
  connection_failed: ["The server cannot be reached. Your recording is safe; please try again.", true],
  unreadable_answer: ["The server gave an answer this page does not understand. Reload the page and try again.", false],
  replaced: ["Sound It Out is open in another tab. Go on there, or try again here.", true],
  disconnected: ["The connection was ended before the result came. Please try again.", true],
  unauthorized: ["Please sign in again. Your recording is safe.", false],
  audio_too_large: ["The recording is too large. Please read a shorter piece.", false],
  unsupported_audio: ["The recording could not be read. Please record it again.", false],
} as const satisfies Partial<Record<ErrorCode, readonly [string, boolean]>>;

export type GivenUp = keyof typeof LOCAL_ERRORS;

/** The end of a request that is given up on this side. */
export function localError(requestId: string, seq: number, code: GivenUp): ErrorEvent {
  const [message, retryable] = LOCAL_ERRORS[code];
  const data = { code, message, retryable, retry_after: null, stage: "receiving" } as const;
  return { type: "error", request_id: requestId, seq, data };
}
