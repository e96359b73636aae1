import { GATEWAY_STATUSES } from "./alive";
import { isTerminal, parseJson, parseMessage, type AudioEvent, type ErrorEvent } from "./audioProtocol";
import { serverEvents } from "./eventStream";
import { isObject } from "./shape";

/** What a server answered instead of a stream of events. */
export type Refusal =
  | { readonly kind: "refused"; readonly event: ErrorEvent }
  /** A proxy says that the server is away. */
  | { readonly kind: "away" }
  | { readonly kind: "unreadable" };

/** A `problem+json` answer as the event that it is on a WebSocket. */
export async function refusalOf(response: Response, requestId: string): Promise<Refusal> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") === true;
  if (!isProblem && GATEWAY_STATUSES.has(response.status)) return { kind: "away" };
  const problem = parseJson(await response.text());
  if (!isObject(problem) || typeof problem["code"] !== "string") return { kind: "unreadable" };
  const data = {
    code: problem["code"],
    message: typeof problem["detail"] === "string" ? problem["detail"] : problem["code"],
    retryable: problem["retryable"] === true,
    retry_after: retryAfter(response),
    stage: "receiving",
  };
  const incoming = parseMessage(JSON.stringify({ type: "error", request_id: requestId, seq: 0, data }));
  const isError = incoming.kind === "event" && incoming.event.type === "error";
  return isError ? { kind: "refused", event: incoming.event } : { kind: "unreadable" };
}

/** Seconds; null as well for a date, which this server never sends. */
function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return seconds >= 0 ? seconds : null;
}

/** The events in an answer up to and with the terminal one. `alive` is called for whatever comes. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  alive: () => void,
): AsyncGenerator<AudioEvent> {
  const watched = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (bytes, controller) => {
      alive();
      controller.enqueue(bytes);
    },
  });
  for await (const { data } of serverEvents(body.pipeThrough(watched))) {
    const incoming = parseMessage(data);
    if (incoming.kind !== "event") continue;
    yield incoming.event;
    if (isTerminal(incoming.event)) return;
  }
}
