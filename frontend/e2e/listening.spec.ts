import { asGuest, expect, PRACTICE, readAloud, recordButton, test, word, type Page } from "./reading";

const AUDIO = /"type":"audio_(start|chunk|end)"|"audio_base64":"[^"]/u;
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
  const loaded = page.waitForResponse(/\/models\/encoder-/u, { timeout: LOADED_MS });
  await page.goto(PRACTICE);
  await loaded;
  await expect(recordButton(page)).toBeEnabled();
  await readAloud(page);
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced");
  await expect(word(page, "fish")).toHaveAttribute("data-status", "correct");
  const heard = sent.filter((message) => message.includes("client_phonemes"));
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.join("\n")).toContain('["S","IH","P"]');
  expect(sent.filter((message) => AUDIO.test(message))).toEqual([]);
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
