import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

import { asAdmin, lead, test as administration } from "./administration";
import { asGuest, connection, cuttable, expect, readAloud, readWithoutNetwork, recordButton, signUp, test, word, type Account, type Locator, type Page } from "./reading";
import type { Server } from "./server";
import { tellStory } from "./story";

const FOLDER = process.env["SCREENSHOT_FOLDER"] ?? path.resolve(import.meta.dirname, "../screenshots");
const SIZES = { phone: { width: 390, height: 844 }, tablet: { width: 820, height: 1180 }, desktop: { width: 1366, height: 850 } } as const;
const SETTLED_MS = 300; // longer than anything moves
const SCHEMES = ["light", "dark"] as const;

/** Twelve days of practice for an account, every other day, the last one today; four real readings on each. */
async function weeksOfPractice({ url, database }: Server, { username, password }: Account): Promise<void> {
  const history = path.resolve(import.meta.dirname, "history.py");
  const command = ["run", "--frozen", "--project", "backend", "python", history, url, database, username, password, "12"];
  await promisify(execFile)("uv", command, { cwd: path.resolve(import.meta.dirname, "../..") });
}

/** The page as it is now, in three sizes, by day and by night; `what` of it in the middle. */
async function shoot(page: Page, name: string, what?: Locator): Promise<void> {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await what?.evaluate((element) => { element.scrollIntoView({ block: "center" }); });
      await page.waitForTimeout(SETTLED_MS);
      await page.screenshot({ path: path.join(FOLDER, `${name}-${size}-${colorScheme}.png`) });
    }
  }
}

test("before, while and after a sentence is read", async ({ reader }) => {
  const page = await reader.open("slip");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await shoot(page, "practice-ready");
  await recordButton(page).click();
  await page.getByRole("switch", { name: "Stop by itself" }).click(); // pictures take longer than the sentence
  await expect(page.locator("[data-lit]").nth(1)).toBeVisible();
  await shoot(page, "practice-recording");
  await recordButton(page).click();
  await expect(word(page, "shop")).toBeVisible({ timeout: 20_000 });
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await shoot(page, "practice-one-thing-to-learn");
  await word(page, "ship").click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "practice-word");
  await page.keyboard.press("Escape");
  await connection(page).click();
  await shoot(page, "practice-connection");
});

test("the countdown", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page);
  await page.setViewportSize(SIZES.phone);
  await recordButton(page).click();
  await expect(page.locator("[data-countdown]")).toBeVisible();
  await page.screenshot({ path: path.join(FOLDER, "practice-countdown-phone-light.png") });
});

test("all right", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page);
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await shoot(page, "practice-all-right");
});

test("the end of a story", async ({ reader }) => {
  const page = await reader.open("slip");
  await tellStory(page, 2);
  await asGuest(page, "/practice?story=red-hat&at=2");
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await shoot(page, "practice-last-sentence");
  await page.getByRole("button", { name: "The end" }).click();
  await expect(page.getByRole("heading", { name: "The end" })).toBeVisible();
  await shoot(page, "practice-the-end");
});

test("advice that waits for a tap", async ({ reader }) => {
  const page = await reader.open("slip");
  await page.addInitScript(() => {
    Object.assign(HTMLMediaElement.prototype, { play: () => Promise.reject(new DOMException("Not by itself.", "NotAllowedError")) });
  });
  await asGuest(page);
  await readAloud(page);
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  await shoot(page, "practice-play");
  await page.goto("/sign-up");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Keep what you have read");
  await shoot(page, "sign-up-guest");
});

test("a faint voice", async ({ reader }) => {
  const page = await reader.open("whisper");
  await asGuest(page);
  await recordButton(page).click();
  await expect(page.getByText("A little louder")).toBeVisible();
  await shoot(page, "practice-faint");
});

test("nothing said", async ({ reader }) => {
  const page = await reader.open("silence");
  await asGuest(page);
  await recordButton(page).click();
  await expect(page.getByText("Read when you are ready")).toBeVisible();
  await shoot(page, "practice-waiting-for-a-voice");
  await recordButton(page).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await shoot(page, "practice-too-quiet");
});

test("before the microphone is allowed, and when it is denied", async ({ reader }) => {
  const page = await reader.open("right", { permissions: [] });
  await page.addInitScript(() => {
    // Without a person to ask, this browser answers for itself: it denies.
    const status = Object.assign(new EventTarget(), { state: "prompt" });
    Object.assign(navigator.permissions, { query: () => Promise.resolve(status) });
  });
  await asGuest(page);
  await shoot(page, "practice-before-allowed");
  await recordButton(page).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await shoot(page, "practice-denied");
});

test("offline", async ({ reader }) => {
  const page = await reader.open("right");
  const line = await cuttable(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readWithoutNetwork(page, line);
  await shoot(page, "practice-offline");
});

test("a busy server", async ({ reader }) => {
  const page = await reader.open("right");
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1013 }); });
  await page.route(/analyze-audio/u, async (route) => {
    const problem = { type: "about:blank", title: "Busy", status: 503, detail: "Busy.", code: "overloaded", retryable: true };
    await route.fulfill({ status: 503, headers: { "Retry-After": "1", "Content-Type": "application/problem+json" }, body: JSON.stringify(problem) });
  });
  await asGuest(page);
  await recordButton(page).click();
  await expect(page.getByRole("alert")).toBeVisible({ timeout: 30_000 });
  await shoot(page, "practice-busy");
});

test("listening, when that takes a moment", async ({ reader }) => {
  const page = await reader.open("right");
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  await page.route(/analyze-audio/u, () => undefined); // never answered
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await recordButton(page).click();
  await expect(page.locator("[data-countdown]")).toBeVisible();
  await recordButton(page).click();
  await expect(page.getByText("Listening to your reading.").first()).toBeVisible();
  await shoot(page, "practice-listening");
});

test("reconnecting", async ({ reader }) => {
  const page = await reader.open("right");
  const line = await cuttable(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await page.route(/healthz/u, (route) => route.abort());
  await page.routeWebSocket(/audio-analysis/u, () => undefined);
  await line.cut();
  await expect(connection(page)).toHaveAttribute("data-connection", "reconnecting");
  await connection(page).click();
  await shoot(page, "practice-reconnecting");
});

test("listening in the browser", async ({ reader }) => {
  const page = await reader.open("silence");
  await page.route(/\/models\/encoder-/u, () => undefined); // never answered
  await page.goto("/settings");
  await page.getByRole("switch", { name: "Listen in this browser" }).click();
  await expect(page.getByText(/[1-9]\d %/u)).toBeVisible();
  await shoot(page, "settings-listening-loading", page.getByRole("progressbar"));
  await page.unroute(/\/models\/encoder-/u);
  await page.route(/\/models\/encoder-/u, (route) => route.abort());
  await page.reload();
  await expect(page.getByRole("alert")).toBeVisible();
  await shoot(page, "settings-listening-failed", page.getByRole("alert"));
});

test("before somebody has signed in", async ({ reader }) => {
  const page = await reader.open("silence");
  for (const [name, address] of Object.entries({ welcome: "/", "sign-in": "/sign-in", "sign-up": "/sign-up" })) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await shoot(page, name);
  }
});

test("after weeks of practice", async ({ reader, server }) => {
  test.setTimeout(180_000);
  const page = await reader.open("silence");
  const account = await signUp(page, "/progress");
  await shoot(page, "progress-at-first");
  await weeksOfPractice(server, account);
  for (const name of ["home", "progress", "sounds", "levels", "stories", "own-words", "settings", "nowhere"]) {
    await page.goto(name === "home" ? "/" : `/${name}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    if (name === "progress") await expect(page.locator(".recharts-line").first()).toBeVisible();
    await shoot(page, name);
  }
  await page.goto("/progress");
  await shoot(page, "progress-sounds", page.getByRole("heading", { level: 2 }).last());
});

administration("a rollout of which half has come", async ({ reader, home: server }) => {
  administration.setTimeout(1_500_000); // hundreds of readings, in real time
  const page = await reader.open("silence");
  const { username, password } = await asAdmin(page, server);
  await shoot(page, "operations-at-first");
  await lead(page, "Start", "The first tenth, in the week after the holidays");
  await lead(page, "Advance", "Ten per cent read for a week, and nobody complained");
  const command = ["run", "--frozen", "--project", "backend", "python", "-m", "bench.operations", "--url", server.url, "--readers", "48", "--visits", "3", "--readings", "6", "--at-once", "7"];
  const env = { ...process.env, ADMIN_NAME: username, ADMIN_PASSWORD: password };
  await promisify(execFile)("uv", command, { cwd: path.resolve(import.meta.dirname, "../.."), env });
  await expect(page.getByText(/[1-9]\d* readings by/u).first()).toBeVisible();
  await shoot(page, "operations");
  for (const heading of ["Does it go well?", "Since the server started", "At 50 %", "What was done"]) {
    await shoot(page, `operations-${heading.replaceAll(/\W+/gu, "-").toLowerCase()}`, page.getByRole("heading", { name: heading }));
  }
  await shootForReaders(page);
});

/** For docs/images: all that is said of the rollout, as wide as a desk. */
async function shootForReaders(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(SIZES.desktop);
  const end = await page.locator("[aria-labelledby=metrics]").evaluate((section) => section.getBoundingClientRect().bottom + scrollY);
  await page.setViewportSize({ width: SIZES.desktop.width, height: Math.ceil(end) + 32 });
  await page.evaluate(() => { scrollTo(0, 0); });
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: path.join(FOLDER, "docs-operations.png") });
}
