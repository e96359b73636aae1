import { asGuest, connection, countingDown, expect, lit, objections, PRACTICE, readAloud, readUntilItStops, recordButton, signUp, socketsOf, test, word } from "./reading";

test("a new reader signs up, reads, sees the wrong word, hears what to do, and goes on", async ({ reader }) => {
  const page = await reader.open("slip");
  await signUp(page, PRACTICE);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced");
  await expect(word(page, "ship")).toHaveAccessibleName(/ship, heard ‘.*’: the first sound/u);
  await expect(word(page, "shop")).toHaveAttribute("data-status", "correct");
  await expect(page.locator("[data-feedback]")).toContainText(/ship/u);
  await expect(page.getByRole("button", { name: "Stop speaking" })).toBeVisible(); // it is being said

  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.locator("[data-status]")).toHaveCount(0);
  await expect(recordButton(page)).toBeEnabled();
});

test("a sentence read well is all right, and recording stops by itself after it", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page);
  await readUntilItStops(page);
  await expect(page.locator('[data-status="correct"]')).toHaveCount(7);
});

test("words light up while they are read, and the countdown is seen", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await recordButton(page).click();
  await lit(page);
  await countingDown(page);
  await expect(word(page, "shop")).toHaveAttribute("data-status", "correct");
});

test("where the browser does not speak by itself there is a button for it", async ({ reader }) => {
  const page = await reader.open("slip");
  await page.addInitScript(() => {
    // As browsers do that have not been told to let pages speak: until somebody asks for it.
    const play = HTMLMediaElement.prototype.play;
    Object.assign(HTMLMediaElement.prototype, {
      play(this: HTMLMediaElement) {
        const isAsked = document.activeElement?.textContent?.includes("Play") === true;
        return isAsked ? play.call(this) : Promise.reject(new DOMException("Not by itself.", "NotAllowedError"));
      },
    });
  });
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  const button = page.getByRole("button", { name: "Play" });
  await expect(button).toBeVisible();
  await expect(page.getByText("waits for a tap")).toBeVisible();
  await button.click();
  await expect(page.getByRole("button", { name: "Stop speaking" })).toBeVisible();
  await expect(button).toHaveCount(0);
});

test("ten readings go over one WebSocket", async ({ reader }) => {
  test.setTimeout(180_000);
  const page = await reader.open("right");
  const sockets = socketsOf(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  for (let count = 0; count < 10; count += 1) {
    await readAloud(page);
    await expect(page.locator("[data-feedback]")).toBeVisible();
    await page.getByRole("button", { name: "Again", exact: true }).click();
    await expect(page.locator("[data-status]")).toHaveCount(0);
  }
  expect(sockets).toHaveLength(1);
});

test("a word can be looked at, heard, and objected to", async ({ reader }) => {
  const page = await reader.open("slip");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await word(page, "ship").click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("listitem").first()).toContainText("the /sh/ sound, heard the /s/ sound");
  await expect(sheet).toContainText("as if to hush a baby");

  const said = page.waitForResponse((response) => response.url().endsWith("/api/speech"));
  await sheet.getByRole("button", { name: "Hear it" }).click();
  expect((await said).ok()).toBe(true);
  await sheet.getByRole("button", { name: "Hear me" }).click();
  await expect(sheet.getByRole("button", { name: "Hear me" })).toHaveAttribute("aria-pressed", "true");
  await expect(sheet.getByRole("button", { name: "Hear me" })).toHaveAttribute("aria-pressed", "false"); // it has ended

  await sheet.getByRole("button", { name: "I said it right" }).click();
  await expect(sheet.getByText("Thank you")).toBeVisible();
  expect(await objections(page)).toEqual([1]);
});
