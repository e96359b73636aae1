import type { ReadingReport, WordReading } from "../audioProtocol";
import { SHAPES } from "../protocolShapes.generated";
import { fits } from "../shape";
import { listOf, number, numberOrNull, record, text, type Json } from "./decode";
import { ApiError, call, type Caller } from "./http";

/** Where a word stands that somebody says was read right. */
export type Objection = { readonly requestId: string; readonly wordIndex: number };

const NOT_SAVED = "This reading has not been saved yet. Please try again.";
const SESSIONS = 5; // one a day and device: it is in the latest, or before midnight, or was begun elsewhere meanwhile

/**
 * Keeps beside the verdict that the reader does not agree with it, in the session that the reading was made in: at
 * midnight, and on every other device, another one begins.
 *
 * @throws ApiError when the reading is not found, or the server is away.
 */
export async function objectTo({ requestId, wordIndex }: Objection, caller: Caller): Promise<void> {
  const address = await addressOf(requestId, caller);
  await call(`${address}/objections`, { ...caller, method: "POST", body: { word_index: wordIndex } });
}

/** A word that somebody says was read right, with what was heard of it. */
export type ObjectedWord = { readonly key: string; readonly word: WordReading; readonly sentence: string; readonly at: Date };

/** Those of the latest sessions, the newest first. */
export async function objectedWords(caller: Caller): Promise<readonly ObjectedWord[]> {
  const found: ObjectedWord[] = [];
  for await (const [, readings] of latestReadings(caller)) found.push(...readings.flatMap(objectedIn));
  return found;
}

async function addressOf(requestId: string, caller: Caller): Promise<string> {
  for await (const [path, readings] of latestReadings(caller)) {
    const id = numberOrNull(readings.find((reading) => reading["request_id"] === requestId)?.["id"]);
    if (id !== null) return `${path}/${id}`;
  }
  throw new ApiError(NOT_SAVED, { status: 404, code: "unknown_reading", retryable: true });
}

/** Session by session: the address of its readings, and the latest of them. */
async function* latestReadings(caller: Caller): AsyncGenerator<readonly [string, readonly Json[]]> {
  const sessions = listOf(await call(`/api/sessions?limit=${SESSIONS}`, caller), (session) => number(record(session)["id"]));
  for (const session of sessions) {
    const path = `/api/sessions/${session}/readings`;
    yield [path, listOf(await call(path, caller), record)];
  }
}

function objectedIn(reading: Json): readonly ObjectedWord[] {
  const { report } = reading;
  if (!isReport(report)) return [];
  const indexes = new Set(listOf(reading["objections"], (index) => number(index, -1)));
  const at = new Date(text(reading["created_at"]));
  const words = report.words.filter(({ index }) => index !== null && indexes.has(index));
  return words.map((word) => ({ key: `${text(reading["request_id"])} ${word.index}`, word, sentence: report.sentence, at }));
}

function isReport(value: unknown): value is ReadingReport {
  return fits(value, { $ref: "#/$defs/ReadingReport" }, SHAPES);
}
