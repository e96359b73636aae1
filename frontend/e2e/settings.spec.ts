import { readFile } from "node:fs/promises";

import { asGuest, connection, enter, expect, readAloud, signUp, test, type Page } from "./reading";
import { practised } from "./visits";

/** A service worker that takes the page over sends some requests by a way that no route sees. */
const ROUTED = { serviceWorkers: "block" } as const;

const html = (page: Page) => page.locator("html");

/** The size of letters on the page, in pixels. */
async function letters(page: Page): Promise<number> {
  return await html(page).evaluate((root) => Number.parseFloat(getComputedStyle(root).fontSize));
}

test("what somebody chooses shows at once, stays, and is the same on another device", async ({ reader }) => {
  const page = await reader.open("silence");
  const account = await signUp(page, "/settings");
  const paper = await page.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  const small = await letters(page);
  await page.getByRole("radio", { name: "Night" }).click();
  await page.getByRole("radio", { name: "Huge" }).click();
  await page.getByRole("radio", { name: "OpenDyslexic" }).click();
  await page.getByRole("radio", { name: "Strict" }).click();
  await expect(page.getByText("Small slips are marked as well.")).toBeVisible();
  const chosen = async (shown: Page) => {
    await expect(html(shown)).toHaveAttribute("data-theme", "dark");
    expect(await shown.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor)).not.toBe(paper);
    expect(await letters(shown)).toBeGreaterThan(small);
    expect(await shown.locator("body").evaluate((body) => getComputedStyle(body).fontFamily)).toMatch(/^"?OpenDyslexic/u);
    await expect(shown.getByRole("radio", { name: "Strict" })).toBeChecked();
  };
  await chosen(page);
  await expect(page.getByText("Saving what you chose.")).toHaveCount(0);
  await page.reload();
  await chosen(page);

  const other = await reader.open("silence");
  await other.goto("/sign-in?next=/settings");
  await enter(other, account);
  await expect(other).toHaveURL("/settings");
  await expect(html(other)).toHaveAttribute("data-font", "opendyslexic");
  await chosen(other);
});

test("a choice that the server refuses is not said to be saved for ever", async ({ reader }) => {
  const page = await reader.open("silence", ROUTED);
  await asGuest(page);
  await page.goto("/settings");
  await page.route(/me\/settings/u, async (route) => {
    if (route.request().method() !== "PATCH") return await route.continue();
    await route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify({ code: "invalid_message", detail: "No.", retryable: false }) });
  });
  await page.getByRole("radio", { name: "Strict" }).click();
  await expect(page.getByRole("radio", { name: "Normal" }).last()).toBeChecked();
  await expect(page.getByText("Saving what you chose.")).toHaveCount(0);
});

test("everything that is kept can be taken home, and is gone afterwards when somebody wants that", async ({ reader }) => {
  const page = await reader.open("right");
  const account = await signUp(page, "/practice?text=The%20ship%20is%20at%20the%20fish%20shop.");
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  await page.goto("/settings");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download my data" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(JSON.parse(file)).toMatchObject({ user: { username: account.username } });
  expect(file).toContain("The ship is at the fish shop.");

  await page.getByRole("button", { name: "Delete my account" }).click();
  await expect(page.getByRole("button", { name: "Delete for good" })).toBeDisabled();
  await page.getByLabel("Your password").fill("not this one");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Your password").fill(account.password);
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("Your account and everything in it are deleted.")).toBeVisible();
  await page.goto("/sign-in");
  await enter(page, account);
  await expect(page.getByRole("alert")).toBeVisible(); // nobody of that name
});

test("who has no microphone is not told to allow it", async ({ reader }) => {
  const page = await reader.open("silence");
  await page.addInitScript(() => {
    navigator.mediaDevices.enumerateDevices = () => Promise.resolve([]);
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("None.", "NotFoundError"));
  });
  await page.goto("/settings");
  await page.getByRole("button", { name: "Show my microphones" }).click();
  await expect(page.getByRole("alert")).toHaveText("No microphone was found. Plug one in, or switch it on, and try again.");
});

test("the voice can be tried, and is silent when the page is left", async ({ reader }) => {
  const page = await reader.open("silence");
  await asGuest(page);
  await page.getByRole("link", { name: "Settings" }).click();
  const button = page.getByRole("button", { name: "Hear the voice" });
  const paused = () => page.evaluate(() => (globalThis as unknown as { heard: HTMLMediaElement[] }).heard.map((one) => one.paused));
  await page.evaluate(() => {
    const heard: HTMLMediaElement[] = [];
    Object.assign(globalThis, { heard });
    const play = HTMLMediaElement.prototype.play;
    Object.assign(HTMLMediaElement.prototype, {
      play(this: HTMLMediaElement) {
        heard.push(this);
        return play.call(this);
      },
    });
  });
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
  await expect.poll(paused).toEqual([false]);
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await expect.poll(paused).toEqual([true]);
});

test("after a few days of reading there is something to see, and to practise", async ({ reader, server }) => {
  test.setTimeout(120_000);
  const page = await reader.open("silence");
  const account = await signUp(page, "/progress");
  await expect(page.getByText("Not enough readings yet")).toBeVisible();
  await practised(server, account, 2);
  await page.reload();
  await expect(page.getByText("8 readings so far.")).toBeVisible();
  await expect(page.locator(".recharts-line").first()).toBeVisible();
  await page.getByRole("tab", { name: "As a table" }).click();
  const rows = page.getByRole("row");
  await expect(rows).toHaveCount(3); // two days and what they are
  await expect(rows.nth(1).getByRole("cell").first()).toContainText("4 readings");
  await expect(page.getByRole("heading", { name: "The 39 sounds of English" })).toBeVisible();
  await page.getByRole("region", { name: "What to practise next" }).getByRole("link").first().click();
  await expect(page).toHaveURL(/practice\?sound=/u);
  await page.goto("/");
  await expect(page.getByText("4 of 10 sentences read today.")).toBeVisible();
});
