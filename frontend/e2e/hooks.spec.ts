import { createServer, type ViteDevServer } from "vite";
import path from "node:path";

import type { Harness } from "./hooks/page";
import { expect, test as base, type Page } from "./reading";

declare const harness: Harness;

type Opened = { readonly page: Page; readonly microphones: () => Promise<string[]> };

/** The hooks alone, as React runs them while a page is made: in strict mode. The server behind them is a real one. */
const test = base.extend<{ opened: Opened }, { development: ViteDevServer }>({
  development: [
    async ({ server }, use) => {
      const development = await createServer({
        root: path.resolve(import.meta.dirname, ".."),
        logLevel: "silent",
        server: { port: 0, host: "localhost", hmr: false, proxy: { "/api": { target: server.url, ws: true }, "/healthz": server.url } },
        optimizeDeps: { include: ["react", "react-dom/client", "react/jsx-dev-runtime"] },
      });
      await development.listen();
      await use(development);
      await development.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],
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
