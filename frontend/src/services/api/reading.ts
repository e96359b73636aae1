import { listOf, number, numberOrNull, record, text } from "./decode";
import { ApiError, call, callForBlob, type Caller } from "./http";

/** What to practise; what is absent, the server chooses. */
export type Wanted = {
  /** ARPAbet */
  readonly sound?: string | undefined;
  readonly level?: number | undefined;
  /** The sentence before. */
  readonly after?: string | undefined;
};

export type NextSentence = { readonly sentence: string; readonly level: number };

export async function nextSentence(wanted: Wanted, caller: Caller): Promise<NextSentence> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) query.set(name, String(value));
  }
  const found = record(await call(`/api/practice/next?${query}`, caller));
  return { sentence: text(found["sentence"]), level: number(found["level"], 1) };
}

/** A word or a sentence, said by the model voice. */
export async function sayAloud(words: string, caller: Caller): Promise<Blob> {
  return await callForBlob("/api/speech", { ...caller, method: "POST", body: { text: words } });
}

/** Where a word stands that somebody says was read right. */
export type Objection = { readonly sessionId: number; readonly requestId: string; readonly wordIndex: number };

/**
 * Keeps beside the verdict that the reader does not agree with it.
 *
 * @throws ApiError when the reading is not found, or the server is away.
 */
export async function objectTo({ sessionId, requestId, wordIndex }: Objection, caller: Caller): Promise<void> {
  const path = `/api/sessions/${sessionId}/readings`;
  const readings = listOf(await call(path, caller), (reading) => record(reading)); // newest first: it is among the last
  const id = numberOrNull(readings.find((reading) => reading["request_id"] === requestId)?.["id"]);
  if (id === null) throw new ApiError("This reading has not been saved yet. Please try again.", { status: 404, code: "unknown", retryable: true });
  await call(`${path}/${id}/objections`, { ...caller, method: "POST", body: { word_index: wordIndex } });
}
