/** A reading that could not be sent yet. */
export type KeptTake = {
  /** The request id it is sent under, however often: the server saves it once. */
  readonly requestId: string;
  /** Whose it is: nobody else's account may send it. */
  readonly userId: number;
  readonly sentence: string;
  /** null: it was listened to here, and does not leave this device. */
  readonly audio: Blob | null;
  /** What was heard in it here, in ARPAbet and as text. */
  readonly heard?: { readonly phonemes: readonly (readonly string[])[]; readonly words: readonly string[] };
  /** ms since 1970 */
  readonly recordedAt: number;
};

/** Where they wait. */
export type TakeStore = {
  readonly add: (take: KeptTake) => Promise<void>;
  /** The oldest first. */
  readonly all: (userId: number) => Promise<readonly KeptTake[]>;
  readonly remove: (requestId: string) => Promise<void>;
  /** Everything of somebody's. */
  readonly forget: (userId: number) => Promise<void>;
  /** Lets go of what is too old, and of the oldest of too many, whoever they belong to. */
  readonly prune: () => Promise<void>;
};

const MOST_TAKES = 30; // at up to 240 kB each, some 7 MB: what a browser gives every page
const LONGEST_MS = 14 * 24 * 3600 * 1000; // after two weeks nobody remembers it

const DATABASE = "sounditout";
const STORE = "takes";

/** Which of them are not to be kept any longer: those too old, and the oldest of too many. Pure. */
export function surplus(takes: readonly KeptTake[], now: number): readonly KeptTake[] {
  const newestFirst = takes.toSorted((one, other) => other.recordedAt - one.recordedAt);
  return newestFirst.filter((take, place) => place >= MOST_TAKES || now - take.recordedAt > LONGEST_MS);
}

/** The store as it is for somebody whose voice stays on this device: takes leave without it, or wait where nothing was heard in them here. */
export function withoutVoice(store: TakeStore): TakeStore {
  return { ...store, all: async (userId) => (await store.all(userId)).flatMap(silent) };
}

function silent(take: KeptTake): readonly KeptTake[] {
  return take.heard === undefined ? [] : [{ ...take, audio: null }];
}

/** In the browser's own database; stays when the page is closed. */
export function takesInBrowser(now: () => number = Date.now): TakeStore {
  let opened: Promise<IDBDatabase> | null = null;
  const database = () => (opened ??= open());
  const run = async <T>(mode: IDBTransactionMode, request: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
    answered(request((await database()).transaction(STORE, mode).objectStore(STORE)));
  const everybodys = () => run<KeptTake[]>("readonly", (store) => store.getAll());
  const remove = async (requestId: string) => {
    await run("readwrite", (store) => store.delete(requestId));
  };
  const of = async (userId: number) => (await everybodys()).filter((take) => take.userId === userId);
  const removeAll = async (takes: readonly KeptTake[]) => {
    for (const { requestId } of takes) await remove(requestId);
  };
  const prune = async () => { await removeAll(surplus(await everybodys(), now())); };
  return {
    add: async (take) => {
      await run("readwrite", (store) => store.put(take));
      await prune();
    },
    all: async (userId) => (await of(userId)).toSorted((one, other) => one.recordedAt - other.recordedAt),
    remove,
    forget: async (userId) => { await removeAll(await of(userId)); },
    prune,
  };
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore(STORE, { keyPath: "requestId" });
  });
  return answered(request);
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => { resolve(request.result); });
    request.addEventListener("error", () => { reject(request.error ?? new Error("the database of the browser failed")); });
  });
}
