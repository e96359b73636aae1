import { listOf, number, record, text } from "../api/decode";
import { CannotListen } from "./problem";

/** A file the browser needs to listen. */
export type ModelFile = { readonly name: string; readonly url: string; readonly bytes: number; readonly sha256: string };

/** From outside; `caches` is missing on pages that are not secure. */
export type ModelSource = { readonly fetch: typeof fetch; readonly caches: CacheStorage | undefined; readonly subtle: SubtleCrypto };

const LIST = "/api/listening/models";
const CACHE = "listening"; // no name of the service worker's: it forgets its own older ones
const NOT_FOUND = 404;

/**
 * Which models this server has; without a network, had when it was asked last.
 *
 * @throws CannotListen when it lacks one of them, or cannot be asked and never was.
 */
export async function listModels(source: ModelSource, names: readonly string[]): Promise<readonly ModelFile[]> {
  const found = listOf(record(await list(source))["models"], modelFile);
  return names.map((name) => {
    const model = found.find((one) => one.name === name);
    if (model === undefined || !model.url.startsWith("/")) throw new CannotListen("not_installed");
    return model;
  });
}

async function list({ fetch: get, caches: storage }: ModelSource): Promise<unknown> {
  const cache = await opened(storage);
  const response = await get(LIST).catch(() => undefined);
  if (response?.ok !== true) return await keptList(cache);
  await cache?.put(LIST, response.clone()).catch(() => undefined);
  return await response.json().catch(() => undefined);
}

async function keptList(cache: Cache | undefined): Promise<unknown> {
  const kept = await cache?.match(LIST).catch(() => undefined);
  if (kept === undefined) throw new CannotListen("unreachable");
  return await kept.json();
}

/**
 * A file from this device, else from the server, and then kept. What is not what it should be is never used.
 *
 * @param sha256 null: its address says which content it has.
 * @param onBytes is told how much came, piece by piece.
 * @throws CannotListen when it cannot be had, or is something else.
 */
export async function loadFile(
  source: ModelSource,
  { url, sha256 }: { readonly url: string; readonly sha256: string | null },
  onBytes: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const cache = await opened(source.caches);
  const kept = await cache?.match(url).catch(() => undefined);
  if (kept !== undefined) {
    const bytes = await bytesOf(kept);
    if (await isIntact(source, bytes, sha256)) return bytes;
    await cache?.delete(url);
  }
  const bytes = await bytesOf(counted(await answer(source, url), onBytes)).catch(() => {
    throw new CannotListen("unreachable"); // it broke off
  });
  if (!(await isIntact(source, bytes, sha256))) throw new CannotListen("damaged");
  await cache?.put(url, new Response(bytes)).catch(() => undefined); // a full disk: it is loaded again next time
  return bytes;
}

async function answer(source: ModelSource, url: string): Promise<Response> {
  const response = await source.fetch(url).catch(() => undefined);
  if (response?.ok === true) return response;
  throw new CannotListen(response?.status === NOT_FOUND ? "not_installed" : "unreachable");
}

function counted(response: Response, onBytes: (bytes: number) => void): Response {
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, onward) => {
      onBytes(piece.length);
      onward.enqueue(piece);
    },
  });
  return response.body === null ? response : new Response(response.body.pipeThrough(counter));
}

/** Forgets files of older versions. */
export async function keepOnly({ caches: storage }: ModelSource, urls: readonly string[]): Promise<void> {
  const cache = await opened(storage);
  for (const { url } of (await cache?.keys()) ?? []) {
    if (![LIST, ...urls].some((wanted) => url.endsWith(wanted))) await cache?.delete(url);
  }
}

async function opened(storage: CacheStorage | undefined): Promise<Cache | undefined> {
  return await storage?.open(CACHE).catch(() => undefined);
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await response.arrayBuffer());
}

async function isIntact({ subtle }: ModelSource, bytes: Uint8Array<ArrayBuffer>, sha256: string | null): Promise<boolean> {
  if (sha256 === null) return true;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

function modelFile(value: unknown): ModelFile {
  const file = record(value);
  return { name: text(file["name"]), url: text(file["url"]), bytes: number(file["bytes"]), sha256: text(file["sha256"]) };
}
