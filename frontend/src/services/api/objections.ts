import { listOf, numberOrNull, record } from "./decode";
import { ApiError, call, type Caller } from "./http";

/** Where a word stands that somebody says was read right. */
export type Objection = { readonly sessionId: number; readonly requestId: string; readonly wordIndex: number };

const NOT_SAVED = "This reading has not been saved yet. Please try again.";

/**
 * Keeps beside the verdict that the reader does not agree with it.
 *
 * @throws ApiError when the reading is not found, or the server is away.
 */
export async function objectTo({ sessionId, requestId, wordIndex }: Objection, caller: Caller): Promise<void> {
  const path = `/api/sessions/${sessionId}/readings`;
  const readings = listOf(await call(path, caller), record); // newest first: it is among the last
  const id = numberOrNull(readings.find((reading) => reading["request_id"] === requestId)?.["id"]);
  if (id === null) throw new ApiError(NOT_SAVED, { status: 404, code: "unknown_reading", retryable: true });
  await call(`${path}/${id}/objections`, { ...caller, method: "POST", body: { word_index: wordIndex } });
}
