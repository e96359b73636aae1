import { asGuest, connection, countingDown, cuttable, expect, killedWhileReading, PRACTICE, readAloud, readWithoutNetwork, recordButton, savedReadings, socketsOf, test, uploadsOf, type Page } from "./reading";
import { keepTake, keptTakes } from "./shelf";

/** Longer than anybody waits for a server that is gone. */
const GIVEN_UP_MS = 15_000;

test("a reading that nobody answered is kept, and saved once when the server is back", async ({ reader, server }) => {
  test.setTimeout(120_000);
  const page = await reader.open("right");
  await page.clock.install();
  await killedWhileReading(page, server, countingDown);
  await expect(page.getByText("Your reading is safe; we go on in a moment.")).toBeVisible();
  await page.clock.fastForward(GIVEN_UP_MS);
  await expect(page.getByText("kept on this device")).toBeVisible({ timeout: 20_000 });
  await server.start();
  await expect(connection(page)).toHaveAttribute("data-connection", "live", { timeout: 40_000 });
  await expect(page.getByText("Your reading from before has been sent.")).toBeVisible({ timeout: 20_000 });
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  expect(await savedReadings(page)).toBe(2); // and not three
});

test("a reading whose page was left before it was answered is kept, and saved once when the server is back", async ({ reader, server }) => {
  test.setTimeout(120_000);
  const page = await reader.open("right");
  await page.clock.install();
  await killedWhileReading(page, server, countingDown);
  await expect(page.getByText("Your reading is safe; we go on in a moment.")).toBeVisible();
  await page.getByRole("link", { name: "Progress" }).click();
  await expect(recordButton(page)).toHaveCount(0);
  await page.clock.fastForward(GIVEN_UP_MS);
  await expect.poll(() => keptTakes(page), { timeout: 20_000 }).toBe(1); // also for the next time, should the tab be closed now
  await server.start();
  await expect(page.getByText("Your reading from before has been sent.")).toBeVisible({ timeout: 40_000 });
  expect([await savedReadings(page), await keptTakes(page)]).toEqual([1, 0]);
});

test("a reading that fails after its page was left is kept, and sent when the server takes it", async ({ reader }) => {
  const page = await reader.open("right");
  const refusals = await refusedOnce(page, async () => {
    await page.getByRole("link", { name: "Settings" }).click(); // while it is listened to
    await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  });
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await recordButton(page).click();
  await expect(page.getByText("Your reading from before has been sent.")).toBeVisible({ timeout: 30_000 });
  expect([refusals(), await savedReadings(page), await keptTakes(page)]).toEqual([1, 1, 0]);
});

test("a reading that is left with its error is kept, and sent when the server takes it", async ({ reader }) => {
  const page = await reader.open("right", { serviceWorkers: "block" });
  await page.clock.install();
  const refusals = await refusedOnce(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await recordButton(page).click();
  await countingDown(page);
  await expect(page.getByRole("button", { name: "Send again" })).toBeVisible({ timeout: 20_000 });
  expect([refusals(), await savedReadings(page)]).toEqual([1, 0]);
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await page.clock.fastForward(GIVEN_UP_MS);
  await expect(page.getByText("Your reading from before has been sent.")).toBeVisible({ timeout: 30_000 });
  expect([await savedReadings(page), await keptTakes(page)]).toEqual([1, 0]);
});

test("what is read without a network is kept, and sent later, whatever page is open then", async ({ reader }) => {
  const page = await reader.open("right");
  const line = await cuttable(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readWithoutNetwork(page, line);
  await page.getByRole("link", { name: "Home", exact: true }).click(); // nobody has to wait for it
  await page.context().setOffline(false);
  await expect(page.getByText("has been sent")).toBeVisible({ timeout: 40_000 });
  expect(await savedReadings(page)).toBe(1);
});

test("a kept reading is sent by one tab only, however many are open", async ({ reader }) => {
  test.setTimeout(60_000);
  const page = await reader.open("right");
  await page.context().routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  const other = await page.context().newPage();
  const uploads = [uploadsOf(page), uploadsOf(other)];
  await asGuest(page);
  await other.goto(PRACTICE);
  for (const tab of [page, other]) await expect(connection(tab)).toHaveAttribute("data-connection", "step by step");
  await page.context().setOffline(true);
  for (const tab of [page, other]) await expect(connection(tab)).toHaveAttribute("data-connection", "offline");
  await keepTake(page, "The cat sat on the mat.");
  await recordButton(page).click();
  await expect(page.getByText("kept on this device")).toBeVisible({ timeout: 20_000 });
  await page.context().setOffline(false);
  await expect.poll(() => keptTakes(page), { timeout: 40_000 }).toBe(0);
  expect(uploads.flat()).toHaveLength(2); // one of them holds nothing to hear, the other is saved
  expect(await savedReadings(page)).toBe(1);
});

test("what is read without a network is kept where readings go over SSE, too, and the page says so", async ({ reader }) => {
  const page = await reader.open("right");
  await page.goto("/settings");
  await page.getByRole("switch", { name: /WebSocket/u }).first().click(); // on, before anybody has said
  await page.getByRole("switch", { name: /WebSocket/u }).first().click(); // off: chosen
  const sockets = socketsOf(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await page.context().setOffline(true);
  await expect(connection(page)).toHaveAttribute("data-connection", "offline");
  await recordButton(page).click();
  await expect(page.getByText("kept on this device")).toBeVisible({ timeout: 20_000 });
  await expect(connection(page)).toHaveAttribute("data-connection", "offline");
  await page.context().setOffline(false);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await expect(page.getByText("has been sent")).toBeVisible({ timeout: 40_000 });
  expect([await savedReadings(page), sockets.length]).toEqual([1, 0]);
});

test("an app that was there before opens without a network, and what is read then is sent later", async ({ reader }) => {
  test.setTimeout(60_000);
  const page = await reader.open("slip");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.context().setOffline(true);
  await page.goto("about:blank"); // nothing of the page is left
  await page.goto(PRACTICE);
  await expect(recordButton(page)).toBeEnabled();
  await recordButton(page).click();
  await expect(page.getByText("kept on this device")).toBeVisible({ timeout: 30_000 });
  await page.context().setOffline(false);
  await expect.poll(async () => await savedReadings(page).catch(() => 0), { timeout: 40_000 }).toBe(1);
});

/** Only SSE gets through, and there the server fails the first time, after `meanwhile`. → how often it has failed */
async function refusedOnce(page: Page, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<() => number> {
  const problem = { type: "about:blank", title: "Broken", status: 500, detail: "Broken.", code: "internal", retryable: true };
  let refusals = 0;
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  await page.route(/analyze-audio$/u, async (route) => {
    await meanwhile();
    refusals += 1;
    await route.fulfill({ status: 500, headers: { "Content-Type": "application/problem+json" }, body: JSON.stringify(problem) });
  }, { times: 1 });
  return () => refusals;
}
