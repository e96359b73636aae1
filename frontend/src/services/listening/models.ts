import { listOf, number, record, text } from "../api/decode";

/** A file the browser needs to listen. */
export type ModelFile = { readonly name: string; readonly url: string; readonly bytes: number; readonly sha256: string };

/** From outside; `caches` is missing on pages that are not secure. */
export type ModelSource = { readonly fetch: typeof fetch; readonly caches: CacheStorage | undefined; readonly subtle: SubtleCrypto };

const LIST = "/api/listening/models";
const CACHE = "listening"; // no name of the service worker's: it forgets its own older ones

/** Which models this server has. Rejects when it cannot be asked, or lacks one of them. */
export async function listModels({ fetch: get }: ModelSource, names: readonly string[]): Promise<readonly ModelFile[]> {
  const response = await get(LIST);
  if (!response.ok) throw new Error(`The list of models was answered with ${response.status}.`);
  const found = listOf(record(await response.json())["models"], modelFile);
  return names.map((name) => {
    const model = found.find((one) => one.name === name);
    if (model === undefined || !model.url.startsWith("/")) throw new Error(`This server has no ${name}.`);
    return model;
  });
}

/**
 * A file from this device, else from the server, and then kept. What is not what it should be is never used.
 *
 * @param sha256 null: its address says which content it has.
 */
export async function loadFile(source: ModelSource, url: string, sha256: string | null): Promise<Uint8Array<ArrayBuffer>> {
  const cache = await source.caches?.open(CACHE).catch(() => undefined);
  const kept = await cache?.match(url).catch(() => undefined);
  if (kept !== undefined) {
    const bytes = await bytesOf(kept);
    if (await isIntact(source, bytes, sha256)) return bytes;
    await cache?.delete(url);
  }
  const response = await source.fetch(url);
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}.`);
  const bytes = await bytesOf(response);
  if (!(await isIntact(source, bytes, sha256))) throw new Error(`${url} is not what the server said.`);
  await cache?.put(url, new Response(bytes)).catch(() => undefined); // a full disk: it is loaded again next time
  return bytes;
}

/** Forgets files of older versions. */
export async function keepOnly({ caches: storage }: ModelSource, urls: readonly string[]): Promise<void> {
  const cache = await storage?.open(CACHE);
  for (const { url } of (await cache?.keys()) ?? []) {
    if (!urls.some((wanted) => url.endsWith(wanted))) await cache?.delete(url);
  }
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
