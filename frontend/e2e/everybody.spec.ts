import { violations } from "./axe";
import { asGuest, connection, expect, readAloud, recordButton, test, word } from "./reading";

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

test("everybody can use the other pages", async ({ reader }) => {
  test.setTimeout(120_000);
  const page = await reader.open("silence");
  for (const address of ["/", "/sign-in", "/sign-up", "/practice"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await violations(page), address).toEqual([]);
  }
  await asGuest(page);
  for (const address of ["/", "/sounds", "/levels", "/own-words", "/progress", "/settings", "/nowhere"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await violations(page), address).toEqual([]);
  }
});

test("the keyboard is enough", async ({ reader }) => {
  const page = await reader.open("slip");
  await asGuest(page);
  await page.keyboard.press("Space");
  await expect(recordButton(page)).toHaveText("Done");
  await expect(page.locator("[data-lit]").nth(3)).toBeVisible();
  await page.keyboard.press("Space");
  await expect(word(page, "ship")).toHaveAttribute("data-status", /./u);
  await word(page, "ship").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(word(page, "ship")).toBeFocused();
});

test("a phone has room for all of it", async ({ reader }) => {
  const page = await reader.open("slip", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await asGuest(page);
  await recordButton(page).tap();
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced", { timeout: 20_000 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const targets = await page.locator("main button, main a").evaluateAll((all) =>
    all.map((target) => target.getBoundingClientRect()).filter(({ width, height }) => Math.min(width, height) < 44).length,
  );
  expect(targets).toBe(0);
  await page.getByRole("button", { name: "Next" }).tap();
  await expect(page.locator("[data-status]")).toHaveCount(0);
});
