import { violations } from "./axe";
import { asGuest, expect, readAloud, test } from "./reading";
import { tellStory } from "./story";

test("a story has an end, which says what went well and where to go from there", async ({ reader }) => {
  test.setTimeout(80_000);
  const page = await reader.open("slip", { viewport: { width: 360, height: 740 } });
  await tellStory(page, 2);
  await asGuest(page, "/practice?story=red-hat&at=2");
  await expect(page.getByText("The Red Hat · 2 of 2")).toBeVisible();
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toContainText("ship");
  await page.getByRole("button", { name: "The end" }).focus();
  await page.keyboard.press("Enter"); // by keyboard alone

  const heading = page.getByRole("heading", { level: 1, name: "The end" });
  await expect(heading).toBeFocused(); // a screen reader begins there
  await expect(page.getByRole("list", { name: "What went well" })).toHaveText("You read 1 sentence. 6 of 7 words were right.");
  await expect(page.getByRole("status").filter({ hasText: "6 of 7 words were right." })).toHaveCount(1);
  await expect(page.getByRole("link", { name: /^A sound to practise the \/sh\/ sound/u })).toHaveAttribute("href", "/practice?sound=SH");
  await expect(page.getByRole("link", { name: "Choose another" })).toHaveAttribute("href", "/stories");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect(await violations(page)).toEqual([]);

  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab"); // past the sound
  await expect(page.getByRole("button", { name: "Read it again" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("The Red Hat · 1 of 2")).toBeVisible();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "The end" }).click(); // nothing was read this time
  await expect(page.getByText("You have come to the last page.").first()).toBeVisible();
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await expect(page.getByRole("link", { name: "Go on reading" })).toBeVisible();
  await expect(page.getByText("Where you were")).toHaveCount(0); // a story that is over is no place to go back to
});
