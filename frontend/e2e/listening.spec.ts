import { EventEmitter, once } from "node:events";

import { asGuest, connection, cuttable, expect, PRACTICE, readAloud, recordButton, savedReadings, SENTENCE, test, word, type Page } from "./reading";
import { keepTake, keptTakes } from "./shelf";

const AUDIO = /"type":"audio_(start|chunk|end)"|"audio_base64":"[^"]/u;
const ENCODER = /\/models\/encoder-/u;
const OTHER = "The sip is at the fish shop.";
const LOADED_MS = 30_000;

/** Everything the page sends from now on. */
function sentBy(page: Page): string[] {
  const sent: string[] = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
  page.on("request", (request) => sent.push(request.postData() ?? ""));
  return sent;
}

async function keepVoiceHere(page: Page): Promise<void> {
  await asGuest(page);
  await page.goto("/settings");
  await page.getByRole("switch", { name: "Keep my voice on this device" }).click();
  await expect(page.getByRole("switch", { name: "Listen in this browser" })).toBeChecked();
}

test("a misread word is found by the browser itself, and no audio leaves it", async ({ reader }) => {
  const page = await reader.open("slip");
  await keepVoiceHere(page);
  const sent = sentBy(page);
  await page.goto(PRACTICE);
  await expect(recordButton(page)).toBeEnabled();
  await readAloud(page);
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced");
  await expect(word(page, "fish")).toHaveAttribute("data-status", "correct");
  await expect(page.getByText(/^Heard on this device: your voice stayed here, [1-9]\d* kB that were not sent\.$/u)).toBeVisible();
  const heard = sent.filter((message) => message.includes("client_phonemes"));
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.join("\n")).toContain('["S","IH","P"]');
  expect(sent.filter((message) => AUDIO.test(message))).toEqual([]);
});

test("one reads on without a network, sees what was right, and all of it is sent later without audio", async ({ reader }) => {
  test.setTimeout(80_000);
  const page = await reader.open("slip");
  const line = await cuttable(page);
  await keepVoiceHere(page);
  await expect(page.getByText("Ready: this device listens by itself")).toBeVisible({ timeout: LOADED_MS });
  const atHand = page.waitForResponse(async (response) => response.url().endsWith("/api/practice/check") && (response.request().postData() ?? "").includes(OTHER));
  await page.goto(`/practice?text=${encodeURIComponent(`${SENTENCE} ${OTHER}`)}`);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await atHand;
  await expect(page.getByText("Ready: this device listens by itself")).toHaveCount(0);
  await page.context().setOffline(true);
  await line.cut();
  await expect(connection(page)).toHaveAttribute("data-connection", "offline");
  const sent = sentBy(page);
  const checks: string[] = [];
  page.on("request", (request) => { if (request.url().endsWith("/api/practice/check")) checks.push(request.url()); });

  await readAloud(page);
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced");
  await expect(word(page, "ship")).toHaveAccessibleName("ship, heard ‘sip’: the first sound");
  await expect(word(page, "fish")).toHaveAttribute("data-status", "correct");
  await expect(page.getByText("kept on this device")).toBeVisible();
  await page.getByRole("button", { name: "Next" }).click();
  await readAloud(page);
  await expect(word(page, "fish")).toHaveAttribute("data-status", "correct");
  expect(checks).toEqual([]);

  await page.context().setOffline(false);
  await expect.poll(async () => await savedReadings(page).catch(() => 0), { timeout: LOADED_MS }).toBe(2);
  expect(sent.filter((message) => AUDIO.test(message))).toEqual([]);
});

test("what was kept with a voice in it stays as long as the voice is to stay, and goes when it may", async ({ reader }) => {
  const page = await reader.open("silence");
  await keepVoiceHere(page);
  await keepTake(page, SENTENCE);
  const sent = sentBy(page);
  await page.goto(PRACTICE);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByText("One reading is kept here and waits to be sent. Where the server would have to listen, it stays here")).toBeVisible();
  expect(sent.filter((message) => AUDIO.test(message))).toEqual([]);
  expect(await keptTakes(page)).toBe(1);
  await page.getByRole("switch", { name: "Keep my voice on this device" }).click();
  await expect.poll(() => keptTakes(page), { timeout: LOADED_MS }).toBe(0); // nothing can be heard in it
  expect(sent.filter((message) => AUDIO.test(message))).toHaveLength(1);
});

test("settings show how far the models are, and that they are there", async ({ reader }) => {
  const page = await reader.open("silence");
  const door = new EventEmitter();
  await page.route(ENCODER, async (route) => {
    await once(door, "open");
    await route.continue();
  });
  await page.goto("/settings");
  await page.getByRole("switch", { name: "Listen in this browser" }).click();
  const bar = page.getByRole("progressbar", { name: "Loading the listening model" });
  await expect(bar).toBeVisible();
  await expect(page.getByText(/[1-9]\d %, \d+\.\d of 2\d\.\d MB/u)).toBeVisible(); // the rest is there
  door.emit("open");
  await expect(page.getByText("Ready: this device listens by itself")).toBeVisible({ timeout: LOADED_MS });
  await expect(bar).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("Ready: this device listens by itself")).toBeVisible({ timeout: LOADED_MS });
  await page.getByRole("switch", { name: "Listen in this browser" }).click();
  await expect(page.locator("[data-listening]")).toHaveCount(0);
});

test("models that could not be loaded can be asked for again", async ({ reader }) => {
  const page = await reader.open("silence");
  await page.route(ENCODER, (route) => route.abort());
  await page.goto("/settings");
  await page.getByRole("switch", { name: "Listen in this browser" }).click();
  await expect(page.getByRole("alert")).toContainText("could not be loaded");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("alert")).toContainText("could not be loaded");
  await page.unroute(ENCODER);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Ready: this device listens by itself")).toBeVisible({ timeout: LOADED_MS });
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("a browser that cannot listen says why", async ({ reader }) => {
  const page = await reader.open("silence");
  await page.addInitScript(() => { Object.assign(WebAssembly, { validate: () => false }); }); // as one without vectors
  await page.goto("/settings");
  await page.getByRole("switch", { name: "Listen in this browser" }).click();
  await expect(page.getByRole("alert")).toContainText("This browser cannot listen by itself");
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
});

test("a reading without a miscue is right, and the models come from this device the second time", async ({ reader }) => {
  const page = await reader.open("right");
  await keepVoiceHere(page);
  await page.goto(PRACTICE);
  await readAloud(page);
  for (const text of ["ship", "fish", "shop"]) await expect(word(page, text)).toHaveAttribute("data-status", "correct");
  const models: string[] = [];
  page.on("request", (request) => { if (/\/models\/|\.wasm$/u.test(request.url())) models.push(request.url()); });
  await page.reload();
  await readAloud(page);
  await expect(word(page, "shop")).toHaveAttribute("data-status", "correct");
  expect(models).toEqual([]);
});

test("while this browser listens, the page shows that it hears, and promises no words that light up", async ({ reader }) => {
  const page = await reader.open("right");
  await keepVoiceHere(page);
  await expect(page.getByText("Not while this browser listens by itself")).toBeVisible({ timeout: LOADED_MS });
  await expect(page.getByText("on which words light up")).toHaveCount(0);
  await page.goto(PRACTICE);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await connection(page).click();
  await expect(page.getByText("The line to the server is open (WebSocket): answers come at once.")).toBeVisible();
  await page.keyboard.press("Escape");
  await recordButton(page).click();
  await expect(page.getByText("I can hear you")).toBeVisible();
  await expect(page.locator("[data-countdown]")).toBeVisible();
  await expect(page.locator("[data-lit]")).toHaveCount(0);
  await expect(word(page, "shop")).toHaveAttribute("data-status", "correct");
});
