import type { Harness } from "./hooks/page";
import { expect, test as base, type Page } from "./reading";

declare const harness: Harness;

type Opened = { readonly page: Page; readonly microphones: () => Promise<string[]> };

/** A page with the hooks and nothing else, and whether its microphones still listen. */
const test = base.extend<{ opened: Opened }>({
  opened: async ({ reader, development }, use) => {
    const page = await reader.open("slip", { baseURL: development.resolvedUrls?.local[0] ?? "" });
    await page.addInitScript(watchMicrophones);
    await page.goto("/e2e/hooks/index.html");
    await page.waitForFunction(() => "harness" in globalThis);
    const microphones = () =>
      page.evaluate(() => (globalThis as unknown as { opened: MediaStreamTrack[] }).opened.map(({ readyState }) => readyState));
    await use({ page, microphones });
  },
});

/** Every track of every microphone that the page opens. */
function watchMicrophones(): void {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const opened: MediaStreamTrack[] = [];
  Object.assign(globalThis, { opened });
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    opened.push(...stream.getTracks());
    return stream;
  };
}

const output = (page: Page) => page.locator("output");

test("a reading is recorded, sent and told once, and nothing listens when the page is left", async ({ opened: { page, microphones } }) => {
  await page.evaluate(() => harness.connect());
  await page.evaluate(() => { harness.mount(); });
  await expect(output(page)).toHaveText("idle idle");
  await page.evaluate(() => { harness.start(); });
  await expect(output(page)).toHaveText("recording receiving");
  await expect(output(page)).toHaveText("idle done", { timeout: 20_000 });
  expect(await page.evaluate(() => harness.told)).toEqual(["processing_started", "analysis", "gpt_response", "audio_feedback_file", "complete"]);
  expect(await page.evaluate(() => harness.takes.length)).toBe(1);
  expect(await page.evaluate(() => harness.words())).toEqual(["correct", "mispronounced", ...Array.from({ length: 5 }, () => "correct")]);
  expect(await microphones()).toEqual(["ended"]);
  await page.evaluate(() => { harness.unmount(); });
  expect(await page.evaluate(() => harness.listeners())).toBe(0);
});

test("a reading that is left in the middle is cancelled, and the microphone is let go", async ({ opened: { page, microphones } }) => {
  await page.evaluate(() => harness.connect());
  await page.evaluate(() => { harness.mount(); });
  await expect(output(page)).toHaveText("idle idle");
  await page.evaluate(() => { harness.start(); });
  await expect(output(page)).toHaveText("recording receiving");
  await expect.poll(() => page.evaluate(() => harness.told)).toEqual(["processing_started"]);
  await page.evaluate(() => { harness.unmount(); });
  await expect.poll(() => page.evaluate(() => harness.told)).toEqual(["processing_started", "cancelled"]);
  expect(await microphones()).toEqual(["ended"]);
  expect(await page.evaluate(() => [harness.listeners(), harness.takes.length])).toEqual([0, 0]);
});

test("a microphone that is allowed after the page was left is let go at once", async ({ opened: { page, microphones } }) => {
  await page.evaluate(() => { harness.mount(); });
  await expect(output(page)).toHaveText("idle idle");
  await page.evaluate(() => {
    harness.start();
    harness.unmount();
  });
  await expect.poll(microphones).toEqual(["ended"]);
  expect(await page.evaluate(() => [harness.takes.length, harness.thrownAway.length])).toEqual([0, 0]);
});

test("the server listens when what the browser heard cannot be used", async ({ opened: { page } }) => {
  await page.evaluate(() => harness.connect());
  await page.evaluate(() => { harness.mountDeaf(); });
  await expect(output(page)).toHaveText("idle idle");
  await page.evaluate(() => { harness.start(); });
  await expect(output(page)).toHaveText("idle done", { timeout: 20_000 });
  expect((await page.evaluate(() => harness.words()))[1]).toBe("mispronounced");
});

test("a reading that may not leave the device does not, when the browser cannot listen", async ({ opened: { page } }) => {
  await page.evaluate(() => harness.connect());
  await page.evaluate(() => { harness.mount({ keepOnDevice: true }); });
  await expect(output(page)).toHaveText("idle idle");
  await page.evaluate(() => { harness.start(); });
  await expect.poll(() => page.evaluate(() => harness.thrownAway), { timeout: 20_000 }).toEqual(["CannotListenHere"]);
  expect(await page.evaluate(() => harness.told)).toEqual([]);
});

for (const way of ["abandon", "forget"] as const) {
  const becomes = way === "abandon" ? "is never sent once somebody throws it away" : "is sent, and not shown, once somebody has gone on";
  test(`a reading that the browser still listens to ${becomes}`, async ({ opened: { page } }) => {
    await page.evaluate(() => harness.connect());
    await page.evaluate(() => { harness.mountSlow(); });
    await expect(output(page)).toHaveText("idle idle");
    await page.evaluate(() => { harness.start(); });
    await expect.poll(() => page.evaluate(() => harness.takes.length), { timeout: 20_000 }).toBe(1);
    await page.evaluate((how) => { harness[how](); }, way);
    await page.evaluate(() => globalThis.dispatchEvent(new Event("heard")));
    await page.evaluate(() => harness.settled());
    expect(await page.evaluate(() => harness.handedIn())).toBe(way === "forget" ? 1 : 0);
    if (way === "forget") await expect.poll(() => page.evaluate(() => harness.told.at(-1)), { timeout: 20_000 }).toBe("complete");
    await expect(output(page)).toHaveText("idle idle");
    expect(await page.evaluate(() => harness.words())).toEqual([]);
  });
}

for (const broken of ["new", "start"] as const) {
  test(`a browser that cannot record (${broken}) lets everything go and says so`, async ({ opened: { page, microphones } }) => {
    await page.evaluate(watchContexts);
    await page.evaluate(breakRecorder, broken);
    await page.evaluate(() => { harness.mount(); });
    await expect(output(page)).toHaveText("idle idle");
    await page.evaluate(() => { harness.start(); });
    await expect.poll(() => page.evaluate(() => harness.problem())).toBe("unsupported");
    await expect(output(page)).toHaveText("idle idle");
    expect(await microphones()).toEqual(["ended"]);
    await expect.poll(() => page.evaluate(() => (globalThis as unknown as Watched).contexts.filter(({ state }) => state !== "closed").length)).toBe(0);
    expect(await page.evaluate(() => (globalThis as unknown as Watched).intervals.size)).toBe(0);
    expect(await page.evaluate(() => harness.takes.length)).toBe(0);
  });
}

type Watched = { readonly contexts: AudioContext[]; readonly intervals: Set<unknown> };

/** Every AudioContext and every interval that the page begins from now on. */
function watchContexts(): void {
  const contexts: AudioContext[] = [];
  const intervals = new Set<unknown>();
  const Real = AudioContext;
  const set = globalThis.setInterval.bind(globalThis);
  const clear = globalThis.clearInterval.bind(globalThis);
  Object.assign(globalThis, {
    contexts,
    intervals,
    AudioContext: class extends Real {
      constructor(options?: AudioContextOptions) {
        super(options);
        contexts.push(this);
      }
    },
    setInterval: (run: () => void, ms: number) => {
      const timer: unknown = set(run, ms);
      intervals.add(timer);
      return timer;
    },
    clearInterval: (timer: number) => {
      intervals.delete(timer);
      clear(timer);
    },
  });
}

function breakRecorder(broken: "new" | "start"): void {
  class Broken extends MediaRecorder {
    constructor(stream: MediaStream, options?: MediaRecorderOptions) {
      if (broken === "new") throw new DOMException("Not this.", "NotSupportedError");
      super(stream, options);
    }
    override start(): void {
      throw new DOMException("Not now.", "InvalidStateError");
    }
  }
  Object.assign(globalThis, { MediaRecorder: Broken });
}

/** → how often something began to play since */
async function countPlays(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    Object.assign(globalThis, { plays: 0 });
    Object.assign(HTMLMediaElement.prototype, {
      play: () => {
        (globalThis as unknown as { plays: number }).plays += 1;
        return Promise.resolve();
      },
    });
  });
  return () => page.evaluate(() => (globalThis as unknown as { plays: number }).plays);
}

test("a voice that comes when nobody waits for it any more is not heard", async ({ opened: { page } }) => {
  const plays = await countPlays(page);
  await page.evaluate(async () => {
    const { player } = harness;
    const voice = new Promise<Blob>((resolve) => { globalThis.addEventListener("arrives", () => { resolve(new Blob()); }, { once: true }); });
    const spoken = player.speak("late", voice, { speed: 1, volume: 1 });
    player.stop();
    globalThis.dispatchEvent(new Event("arrives"));
    await spoken;
  });
  expect(await plays()).toBe(0);
  await page.evaluate(async () => { await harness.player.speak("now", new Blob(), { speed: 1, volume: 1 }); });
  expect(await plays()).toBe(1);
});

test("a page that was left says nothing more, until it is there again", async ({ opened: { page } }) => {
  const plays = await countPlays(page);
  const speak = () => page.evaluate(async () => {
    await harness.player.speak("words", Promise.resolve(new Blob()), { speed: 1, volume: 1 });
    return harness.player.playing.get().name;
  });
  await page.evaluate(() => { harness.player.close(); });
  expect(await speak()).toBe("");
  expect(await plays()).toBe(0);
  await page.evaluate(() => { harness.player.open(); });
  expect(await speak()).toBe("words");
  expect(await plays()).toBe(1);
});

test("a voice that cannot be had is told only to who still waits for it", async ({ opened: { page } }) => {
  const outcomes = await page.evaluate(async () => {
    const { player } = harness;
    const how = { speed: 1, volume: 1 };
    const waited = await player.speak("one", Promise.reject(new Error("no voice")), how).then(() => "silent", () => "told");
    const leaving = player.speak("two", Promise.reject(new Error("no voice")), how).then(() => "silent", () => "told");
    player.stop();
    return [waited, await leaving, player.playing.get().name];
  });
  expect(outcomes).toEqual(["told", "silent", ""]);
});

test("what somebody has kept is forgotten with them, and what is too old at the start", async ({ opened: { page } }) => {
  const left = await page.evaluate(async () => {
    const shelf = harness.shelf();
    const keep = async (requestId: string, userId: number, recordedAt: number) => {
      await shelf.add({ requestId, userId, sentence: "Hi.", audio: new Blob(["sound"]), recordedAt });
    };
    await keep("mine", 1, Date.now());
    await keep("mine too", 1, Date.now());
    await keep("yours", 2, Date.now());
    const ids = async (userId: number) => (await shelf.all(userId)).map(({ requestId }) => requestId);
    const before = await ids(1);
    await shelf.forget(1);
    const after = [await ids(1), await ids(2)];
    await harness.shelf(15).prune();
    return { before, after, old: await ids(2) };
  });
  expect(left).toEqual({ before: ["mine", "mine too"], after: [[], ["yours"]], old: [] });
});
