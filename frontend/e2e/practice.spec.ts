import { EventEmitter, once } from "node:events";

import { asGuest, connection, countingDown, doneWhenCounting, expect, objections, PRACTICE, readAloud, recordButton, savedSentences, SENTENCE, test, uploadsOf, word, type Page } from "./reading";
import { keepTake, keptTakes } from "./shelf";
import { LIVE_EXTRA_MS, TIME_LIMIT_MS } from "../src/config/connection";

/** How often something began to sound, other than one's own recording. */
async function countVoices(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const play = HTMLMediaElement.prototype.play;
    Object.assign(globalThis, { voices: 0 });
    Object.assign(HTMLMediaElement.prototype, {
      play(this: HTMLMediaElement) {
        (globalThis as unknown as { voices: number }).voices += 1;
        return play.call(this);
      },
    });
  });
  return () => page.evaluate(() => (globalThis as unknown as { voices: number }).voices);
}

/** A microphone that is asked for and not given, until it is; the first time it is given at once. */
async function hesitatingMicrophone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    let times = 0;
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      times += 1;
      if (times > 1) await new Promise((resolve) => { globalThis.addEventListener("allowed", resolve, { once: true }); });
      return await ask(wanted);
    };
  });
}

/** Holds back the spoken advice, until it is let through. */
async function heldAdvice(page: Page): Promise<{ release: () => void }> {
  const held: (() => void)[] = [];
  let open = false;
  await page.routeWebSocket(/audio-analysis/u, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const pass = () => { socket.send(message); };
      if (open || !/audio_feedback_file|"complete"/u.test(String(message))) pass();
      else held.push(pass);
    });
  });
  return {
    release: () => {
      open = true;
      for (const pass of held.splice(0)) pass();
    },
  };
}

const sentenceOnScreen = (page: Page) => page.getByRole("region", { name: /sentence to read|word by word/u });

test("a sentence stays until its reader goes on, and a take is judged against the one it was read from", async ({ reader }) => {
  const page = await reader.open("right");
  await page.route(/practice\/next/u, (route) => route.abort());
  await asGuest(page, "/practice");
  await expect(sentenceOnScreen(page)).toContainText("mat.");
  const shown = await sentenceOnScreen(page).textContent();
  await page.unroute(/practice\/next/u);
  const look = () => page.evaluate(() => {
    document.dispatchEvent(new Event("visibilitychange"));
    globalThis.dispatchEvent(new Event("online"));
  });
  await look(); // the page is looked at again, and has a network again
  await recordButton(page).click();
  await expect(recordButton(page)).toHaveText("Done");
  await look();
  await doneWhenCounting(page);
  expect(await sentenceOnScreen(page).textContent()).toBe(shown);
  await expect(page.locator("[data-status]").first()).toBeVisible({ timeout: 20_000 });
  await look();
  await expect(page.locator("[data-feedback]")).toBeVisible();
  expect(await savedSentences(page)).toEqual(["The cat sat on the mat."]);
  await page.getByRole("button", { name: "Next" }).click();
  await expect(sentenceOnScreen(page)).not.toHaveText(shown ?? "");
});

test("who begins to read before the page knows how the server is reached is heard all the same", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  const answers = new EventEmitter();
  const answered = once(answers, "come");
  await page.route(/users\/me/u, async (route) => {
    await answered;
    await route.continue();
  });
  await page.reload();
  await recordButton(page).click();
  await expect(recordButton(page)).toHaveText("Done");
  answers.emit("come");
  await doneWhenCounting(page);
  await expect(word(page, "shop")).toHaveAttribute("data-status", /./u, { timeout: 20_000 });
  await expect(page.locator("[data-feedback]")).toBeVisible();
  expect(await savedSentences(page)).toEqual([SENTENCE]);
});

test("advice that comes while the microphone is being opened is not said into it", async ({ reader }) => {
  const page = await reader.open("slip");
  const voices = await countVoices(page);
  await hesitatingMicrophone(page);
  const advice = await heldAdvice(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  await recordButton(page).click();
  await expect(recordButton(page)).toHaveText("One moment");
  advice.release();
  await expect(page.getByRole("button", { name: "Hear the advice again" })).toBeVisible();
  await page.getByRole("button", { name: "Hear it" }).click(); // nor what is asked for now
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Thrown away")).toBeVisible();
  expect(await voices()).toBe(0);
});

test("a model voice that comes late is not heard by the microphone", async ({ reader }) => {
  const page = await reader.open("right");
  const voices = await countVoices(page);
  const door = new EventEmitter();
  await page.route(/api\/speech/u, async (route) => {
    await once(door, "open");
    await route.continue();
  });
  await asGuest(page);
  await page.getByRole("button", { name: "Hear it" }).click();
  await recordButton(page).click();
  await expect(recordButton(page)).toHaveText("Done");
  const spoken = page.waitForResponse(/api\/speech/u);
  door.emit("open");
  await (await spoken).finished();
  await countingDown(page);
  expect(await voices()).toBe(0);
});

test("who waits for the microphone or for the result can call it off, and keeps their place on the page", async ({ reader }) => {
  const page = await reader.open("right");
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  await page.route(/analyze-audio$/u, () => undefined); // never answered
  const uploads = uploadsOf(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await recordButton(page).focus();
  await page.keyboard.press("Space");
  await countingDown(page);
  await page.keyboard.press("Space");
  await expect(page.getByText("Listening to your reading.")).toBeVisible();
  await expect(recordButton(page)).toBeDisabled();
  await expect(recordButton(page)).toBeFocused();
  await page.keyboard.press("Space"); // there is nothing to begin yet
  await expect(recordButton(page)).toHaveText("Read it");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Thrown away")).toBeVisible();
  await expect(recordButton(page)).toBeEnabled();
  await expect(page.getByRole("button", { name: "Hear me" })).toBeDisabled();
  expect(uploads.length).toBeGreaterThan(0);
});

test("nothing is read out into the microphone, and what happens is told where it can be heard", async ({ reader }) => {
  const page = await reader.open("slip");
  await asGuest(page);
  const places = page.getByRole("status");
  const before = await places.count(); // all there before anything happens
  await recordButton(page).click();
  await countingDown(page);
  expect(await places.allTextContents()).not.toContainEqual(expect.stringMatching(/Recording|Stopping/u));
  await expect(word(page, "ship")).toHaveAttribute("data-status", /./u);
  await expect(places.filter({ hasText: "words right" })).toHaveCount(1);
  expect(await places.count()).toBe(before);
});

test("a word that was read before midnight can be objected to after it", async ({ reader }) => {
  const page = await reader.open("right");
  await page.clock.install({ time: new Date("2026-11-30T23:58:00") });
  await asGuest(page, "/practice?text=The%20dog%20is%20at%20the%20fish%20shop."); // it says: ship
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await page.clock.setSystemTime(new Date("2026-12-01T00:03:00"));
  await word(page, "dog").click();
  await page.getByRole("button", { name: "I said it right" }).click();
  await expect(page.getByText("Thank you. It is noted")).toBeVisible();
  expect(await objections(page)).toEqual([1]);

  await page.goto("/progress");
  await page.getByRole("button", { name: "Show these words" }).click();
  await expect(page.getByRole("region", { name: "I said it right" }).getByRole("listitem")).toContainText("The dog is at the fish shop.");
});

test("a reading in which nothing can be heard is not kept for ever, and its reader is told", async ({ reader }) => {
  const page = await reader.open("silence");
  await asGuest(page);
  await page.goto("/favicon.svg"); // where nothing runs that would send it at once
  await keepTake(page, "The cat sat on the mat.");
  await page.goto(PRACTICE);
  await expect(page.getByText("Nothing could be heard in your reading of")).toBeVisible({ timeout: 20_000 });
  await expect.poll(() => keptTakes(page)).toBe(0);
});

test("a reading that nobody ever answers is kept, also when its reader has gone on", async ({ reader }) => {
  const page = await reader.open("right");
  await page.clock.install();
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  await page.route(/analyze-audio/u, () => undefined); // never answered
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await recordButton(page).click();
  await doneWhenCounting(page);
  await expect(page.getByText("Listening to your reading.")).toBeVisible();
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByText("Listening to your reading.")).toHaveCount(0);
  await page.clock.fastForward(TIME_LIMIT_MS + LIVE_EXTRA_MS);
  await expect.poll(() => keptTakes(page)).toBe(1);
});

test("recordings that wait here are gone with the account", async ({ reader }) => {
  const page = await reader.open("silence", { serviceWorkers: "block" });
  await asGuest(page);
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  await page.route(/analyze-audio/u, async (route) => { await route.abort(); }); // or it might be sent away in time
  await page.goto("/settings");
  await expect(page.getByRole("button", { name: "Delete my account" })).toBeVisible();
  await keepTake(page, "The cat sat on the mat.");
  expect(await keptTakes(page)).toBe(1);
  await page.getByRole("button", { name: "Delete my account" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("Your account and everything in it are deleted.")).toBeVisible();
  expect(await keptTakes(page)).toBe(0);
});

test("a new reader reads within three clicks", async ({ reader }) => {
  const page = await reader.open("right");
  await page.goto("/");
  let clicks = 0;
  const click = async (name: RegExp) => {
    clicks += 1;
    await page.getByRole("button", { name }).click();
  };
  await click(/Try it now/u);
  await expect(recordButton(page)).toBeEnabled();
  await click(/Read it/u);
  await doneWhenCounting(page);
  await expect(page.locator("[data-status]").first()).toBeVisible({ timeout: 20_000 });
  expect(clicks).toBeLessThanOrEqual(3);
});

test("a story is told sentence by sentence, and goes on where it was left", async ({ reader }) => {
  test.setTimeout(80_000);
  const page = await reader.open("right");
  await asGuest(page);
  await page.goto("/stories");
  await page.getByRole("link", { name: "The Red Hat" }).click();
  await expect(page.getByText("The Red Hat · 1 of 7")).toBeVisible();
  await expect(sentenceOnScreen(page)).toContainText("hat.");
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: "Next" }).click(); // in the story, whatever the coach would read next
  await expect(page.getByText("The Red Hat · 2 of 7")).toBeVisible();
  await expect(sentenceOnScreen(page)).toContainText("bed.");

  await page.getByRole("link", { name: "Home", exact: true }).click();
  await page.getByRole("link", { name: "Where you were: The Red Hat, sentence 2" }).click();
  await expect(page.getByText("The Red Hat · 2 of 7")).toBeVisible();
  await expect(sentenceOnScreen(page)).toContainText("bed.");
  expect(await savedSentences(page)).toEqual(["Sam has a big red hat."]);

  await page.evaluate(() => { localStorage.removeItem("sounditout.account"); }); // somebody else on the same device
  await asGuest(page);
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await expect(page.getByRole("link", { name: "Start reading" })).toBeVisible();
  await expect(page.getByText("The Red Hat")).toHaveCount(0);
});
