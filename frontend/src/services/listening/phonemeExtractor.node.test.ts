import { createHash, webcrypto } from "node:crypto";

import { describe, expect, it } from "vitest";

import type { Answer, Task } from "./messages";
import { createPhonemeExtractor, type ListeningEnvironment, type LoadProgress } from "./phonemeExtractor";
import type { ListeningProblem } from "./problem";

const WASM = "/assets/runtime.wasm";
const MODELS = { encoder: "the encoder", phoneme_head: "the head" };
const HEARD = { clientPhonemes: [["K", "AE", "T"]], clientWords: ["cat"], heard: [{ index: 0, phonemes: ["K", "AE", "T"], asExpected: true }] };

type Options = {
  readonly answers?: (task: Task) => Partial<Answer> | null;
  readonly sha256?: string;
  readonly wordsOf?: ListeningEnvironment["wordsOf"];
  readonly inability?: ListeningProblem;
  /** Asks for what is at this address are answered with this status; 0: not at all. */
  readonly broken?: readonly [address: string, status: number];
};

/** A server, a worker and a cache in memory; time stands still until a timer is rung. */
function world({ answers = () => ({ ok: true, heard: HEARD }), sha256, wordsOf = () => Promise.resolve([]), inability, broken }: Options = {}) {
  const network = { broken };
  const fetched: string[] = [];
  const tasks: Task[] = [];
  const timers = new Set<() => void>();
  const kept = new Map<string, Response>();
  let ended = 0;
  const sha = (text: string) => sha256 ?? createHash("sha256").update(text).digest("hex");
  const files: Readonly<Record<string, string>> = {
    "/api/listening/models": JSON.stringify({
      models: Object.entries(MODELS).map(([name, text]) => ({ name, url: `/models/${name}`, bytes: text.length, sha256: sha(text) })),
    }),
    "/models/encoder": MODELS.encoder,
    "/models/phoneme_head": MODELS.phoneme_head,
    [WASM]: "code",
  };
  const cache = {
    match: (url: string) => Promise.resolve(kept.get(url)?.clone()),
    put: (url: string, response: Response) => Promise.resolve(void kept.set(url, response)),
    delete: (url: string) => Promise.resolve(kept.delete(url)),
    keys: () => Promise.resolve([...kept.keys()].map((url) => ({ url }))),
  };
  const environment: ListeningEnvironment = {
    now: () => 0,
    after: (_, run) => {
      timers.add(run);
      return () => timers.delete(run);
    },
    fetch: (url) => {
      fetched.push(String(url));
      const body = files[String(url)];
      const [address, status] = network.broken ?? [];
      if (status === 0 && (address === "*" || address === url)) return Promise.reject(new TypeError("Failed to fetch"));
      if (status !== undefined && address === url) return Promise.resolve(new Response("", { status }));
      return Promise.resolve(new Response(body ?? "", { status: body === undefined ? 404 : 200 }));
    },
    caches: { open: () => Promise.resolve(cache) } as unknown as CacheStorage,
    subtle: webcrypto.subtle as SubtleCrypto,
    inability: () => inability ?? null,
    wasmUrl: WASM,
    openWorker: (told) => ({
      post: ({ id, task }) => {
        tasks.push(task);
        const answer = answers(task);
        if (answer !== null) queueMicrotask(() => { told({ id, ok: false, ...answer }); });
      },
      end: () => { ended += 1; },
    }),
    decode: () => Promise.reject(new Error("unreadable")),
    wordsOf,
  };
  const ring = () => { for (const run of timers) run(); };
  return { environment, network, fetched, tasks, timers, kept, ring, ended: () => ended };
}

const SPEECH = new Float32Array(16_000);

describe("createPhonemeExtractor", () => {
  it("loads nothing before it is asked to", async () => {
    const { environment, fetched } = world();
    const extractor = createPhonemeExtractor(environment);
    expect(extractor.state).toBe("off");
    expect(await extractor.hear(SPEECH, "cat")).toBeUndefined();
    expect(fetched).toEqual([]);
  });

  it("loads once, tells how far it is, and hears", async () => {
    const { environment, fetched } = world();
    const extractor = createPhonemeExtractor(environment);
    const states: string[] = [];
    const parts: LoadProgress[] = [];
    extractor.onState((state) => states.push(state));
    await Promise.all([extractor.load((part) => parts.push(part)), extractor.load()]);
    expect(states).toEqual(["loading", "ready"]);
    const whole = MODELS.encoder.length + MODELS.phoneme_head.length + 14_239_897;
    expect(parts.at(-1)).toEqual({ loaded: whole, whole });
    const amounts = parts.map(({ loaded }) => loaded);
    expect(amounts).toEqual(amounts.toSorted((one, other) => one - other));
    expect(fetched).toHaveLength(4);
    expect(await extractor.hear(SPEECH, "cat")).toMatchObject({ ...HEARD, milliseconds: 0, report: { sentence: "cat", duration_seconds: 1 } });
  });

  it("takes the files from this device the next time", async () => {
    const { environment, fetched } = world();
    await createPhonemeExtractor(environment).load();
    fetched.length = 0;
    const again = createPhonemeExtractor(environment);
    await again.load();
    expect(again.state).toBe("ready");
    expect(fetched).toEqual(["/api/listening/models"]);
  });

  it("does not use a kept file that was changed", async () => {
    const { environment, fetched, kept } = world();
    await createPhonemeExtractor(environment).load();
    kept.set("/models/encoder", new Response("something else"));
    const again = createPhonemeExtractor(environment);
    await again.load();
    expect(again.state).toBe("ready");
    expect(fetched.filter((url) => url === "/models/encoder")).toHaveLength(2);
  });

  it("forgets files of older versions", async () => {
    const { environment, kept } = world();
    kept.set("/models/older", new Response("old"));
    await createPhonemeExtractor(environment).load();
    expect([...kept.keys()].toSorted()).toEqual(["/api/listening/models", WASM, "/models/encoder", "/models/phoneme_head"]);
  });

  it("starts without a network, once everything is on this device", async () => {
    const { environment, network } = world();
    await createPhonemeExtractor(environment).load();
    network.broken = ["*", 0];
    const again = createPhonemeExtractor(environment);
    await again.load();
    expect(again.state).toBe("ready");
  });

  it.each<[string, ListeningProblem, Options]>([
    ["a file is not what the server said", "damaged", { sha256: "0".repeat(64) }],
    ["the models cannot be run", "cannot_run", { answers: () => ({ ok: false }) }],
    ["the server is away", "unreachable", { broken: ["*", 0] }],
    ["a file cannot be had", "unreachable", { broken: ["/models/encoder", 503] }],
    ["the server has no such file", "not_installed", { broken: ["/models/encoder", 404] }],
  ])("fails and says why when %s", async (_, problem, options) => {
    const extractor = createPhonemeExtractor(world(options).environment);
    await extractor.load();
    expect([extractor.state, extractor.problem]).toEqual(["failed", problem]);
    expect(await extractor.hear(SPEECH, "cat")).toBeUndefined();
  });

  it("tries again when it is asked to", async () => {
    const { environment, network } = world({ broken: ["/models/encoder", 503] });
    const extractor = createPhonemeExtractor(environment);
    await extractor.load();
    network.broken = undefined;
    await extractor.load();
    expect([extractor.state, extractor.problem]).toEqual(["ready", null]);
  });

  it.each<ListeningProblem>(["insecure", "unsupported"])("loads nothing into a browser that is %s", async (inability) => {
    const { environment, fetched } = world({ inability });
    const extractor = createPhonemeExtractor(environment);
    await extractor.load();
    expect([extractor.state, extractor.problem]).toEqual(["unable", inability]);
    expect(fetched).toEqual([]);
  });

  it.each([
    ["nothing was said", { answers: () => ({ ok: true, heard: undefined }) }, SPEECH],
    ["the sentence is not known", { wordsOf: () => Promise.reject(new Error("offline")) }, SPEECH],
    ["the recording cannot be opened", {}, new Blob(["noise"])],
    ["the recording is empty", {}, new Float32Array()],
    ["the recording is too long", {}, new Float32Array(61 * 16_000)],
  ])("leaves it to the server when %s", async (_, options, audio) => {
    const extractor = createPhonemeExtractor(world(options).environment);
    await extractor.load();
    expect(await extractor.hear(audio, "cat")).toBeUndefined();
  });

  it("gives up a worker that does not answer", async () => {
    const { environment, ring, tasks, ended } = world({ answers: (task) => (task.type === "load" ? { ok: true } : null) });
    const extractor = createPhonemeExtractor(environment);
    await extractor.load();
    const heard = extractor.hear(SPEECH, "cat");
    await expect.poll(() => tasks.length).toBe(2);
    ring();
    expect(await heard).toBeUndefined();
    expect(extractor.state).toBe("failed");
    expect(ended()).toBe(1);
  });

  it("asks for the words of a sentence once", async () => {
    let asked = 0;
    const wordsOf = () => {
      asked += 1;
      return Promise.resolve([]);
    };
    const extractor = createPhonemeExtractor(world({ wordsOf }).environment);
    await extractor.load();
    await extractor.hear(SPEECH, "cat");
    await extractor.hear(SPEECH, "cat");
    expect(asked).toBe(1);
  });

  it("has the words of sentences at hand that are read later", async () => {
    const online = { is: true };
    const wordsOf = (sentence: string) =>
      online.is && sentence !== "?" ? Promise.resolve([{ text: sentence, pronunciations: [["K", "AE", "T"]] }]) : Promise.reject(new TypeError("offline"));
    const extractor = createPhonemeExtractor(world({ wordsOf }).environment);
    await extractor.load();
    await extractor.prepare(["?", "cat"]);
    online.is = false;
    expect((await extractor.hear(SPEECH, "cat"))?.report.words).toMatchObject([{ text: "cat", status: "correct" }]);
    expect(await extractor.hear(SPEECH, "?")).toBeUndefined();
  });

  it("leaves nothing behind", async () => {
    const { environment, timers, ended } = world();
    const extractor = createPhonemeExtractor(environment);
    await extractor.load();
    extractor.dispose();
    expect(extractor.state).toBe("off");
    expect(ended()).toBe(1);
    expect(timers.size).toBe(0);
    await extractor.load();
    expect(extractor.state).toBe("off");
  });
});
