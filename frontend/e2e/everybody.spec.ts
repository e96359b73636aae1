import { violations } from "./axe";
import { asGuest, connection, expect, lit, readAloud, recordButton, signUp, test, word, type Locator } from "./reading";
import { practised } from "./visits";

const BY_KEYBOARD = "The space bar does the same.";

test("everybody can use the practice page", async ({ reader }) => {
  const page = await reader.open("slip");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  expect(await violations(page)).toEqual([]);
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await word(page, "ship").click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("everybody can use the practice page while it listens, and when something goes wrong", async ({ reader }) => {
  const page = await reader.open("silence");
  await asGuest(page);
  await recordButton(page).click();
  await page.getByRole("switch", { name: "Stop by itself" }).click(); // looking takes longer than the silence
  await expect(page.getByText("Read when you are ready")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await recordButton(page).click();
  await expect(page.getByRole("alert")).toBeVisible({ timeout: 20_000 });
  expect(await violations(page)).toEqual([]);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("No.", "NotAllowedError"));
  });
  await recordButton(page).click();
  await expect(page.getByRole("alert")).toContainText("not allowed here");
  expect(await violations(page)).toEqual([]);
});

test("everybody can use the progress of a reader, and what is only for some", async ({ reader, server }) => {
  test.setTimeout(120_000);
  const page = await reader.open("silence");
  await practised(server, await signUp(page, "/settings"), 2);
  await page.getByRole("button", { name: "Delete my account" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("Your password").fill("not this one");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.goto("/progress");
  await expect(page.locator(".recharts-line").first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("tab", { name: "As a table" }).click();
  await expect(page.getByRole("row")).toHaveCount(3);
  expect(await violations(page)).toEqual([]);
  await page.goto("/operations");
  await expect(page.getByText("This page is for those who run this server.")).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("everybody can use the other pages", async ({ reader }) => {
  test.setTimeout(120_000);
  const page = await reader.open("silence");
  for (const address of ["/", "/sign-in", "/sign-up", "/practice"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await violations(page), address).toEqual([]);
  }
  await asGuest(page);
  for (const address of ["/", "/sounds", "/levels", "/stories", "/own-words", "/progress", "/settings", "/nowhere"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await violations(page), address).toEqual([]);
  }
});

test("the keyboard is enough", async ({ reader }) => {
  const page = await reader.open("slip");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await expect(page.getByText(BY_KEYBOARD)).toBeVisible();
  await page.keyboard.press("Space");
  await expect(recordButton(page)).toHaveText("Done");
  await lit(page, 2);
  await page.keyboard.press("Space");
  await expect(word(page, "ship")).toHaveAttribute("data-status", /./u);
  await word(page, "ship").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(word(page, "ship")).toBeFocused();
});

test("a phone has room for all of it, and shows what to do next without scrolling", async ({ reader }) => {
  const page = await reader.open("slip", { viewport: { width: 360, height: 600 }, isMobile: true, hasTouch: true });
  await asGuest(page);
  expect(await isWhollySeen(recordButton(page))).toBe(true);
  await expect(page.getByText("Tap and read")).toBeVisible();
  await expect(page.getByText(BY_KEYBOARD)).toBeHidden();
  await recordButton(page).tap();
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced", { timeout: 20_000 });
  const advice = page.locator("[data-feedback=there]");
  await expect(advice).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const targets = await page.locator("main button, main a").evaluateAll((all) =>
    all.map((target) => target.getBoundingClientRect()).filter(({ width, height }) => Math.min(width, height) < 44).length,
  );
  expect(targets).toBe(0);
  const next = page.getByRole("button", { name: "Next" });
  await page.evaluate(() => { scrollTo(0, 0); }); // tapping may have moved it a little
  expect(await isWhollySeen(next)).toBe(true);
  expect(await isWhollySeen(advice)).toBe(false);
  await page.evaluate(() => { scrollTo(0, document.body.scrollHeight); });
  expect(await isWhollySeen(advice)).toBe(true);
  await next.tap();
  await expect(page.locator("[data-status]")).toHaveCount(0);
});

test("the button is in view on a phone that lies on its side", async ({ reader }) => {
  const page = await reader.open("silence", { viewport: { width: 740, height: 360 }, isMobile: true, hasTouch: true });
  await asGuest(page);
  expect(await isWhollySeen(recordButton(page))).toBe(true);
  await recordButton(page).tap();
  await expect(recordButton(page)).toHaveText("Done");
  expect(await isWhollySeen(recordButton(page))).toBe(true);
});

/** Whether something is inside the window, with nothing in front of its upper and lower end. */
function isWhollySeen(what: Locator): Promise<boolean> {
  return what.evaluate((element) => {
    const { left, width, top, bottom } = element.getBoundingClientRect();
    return [top + 2, bottom - 2].every((y) => element.contains(document.elementFromPoint(left + width / 2, y)));
  });
}
