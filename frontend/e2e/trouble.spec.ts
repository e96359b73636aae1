import { asGuest, blockedLine, connection, countingDown, cuttable, expect, lit, PRACTICE, readAloud, readUntilItStops, recordButton, savedReadings, socketsOf, test, uploadsOf, word, type Page } from "./reading";
import { keepTake, keptTakes } from "./shelf";
import { Server } from "./server";
import { PROBE_MS } from "../src/config/connection";

test("another way to the server is one setting, counts at once, and hears the same", async ({ reader }) => {
  const page = await reader.open("slip");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  const before = await statuses(page);

  await page.evaluate(() => { document.documentElement.dataset["same"] = "page"; });
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("switch", { name: /WebSocket/u }).first().click();
  const sockets = socketsOf(page);
  await page.goBack();
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await readAloud(page);
  expect(await statuses(page)).toEqual(before);
  expect(sockets).toHaveLength(0);
  await expect(page.locator("html")).toHaveAttribute("data-same", "page"); // nothing was loaded again
});

test("without WebSockets a reading goes over SSE, within five seconds", async ({ reader }) => {
  const page = await reader.open("slip");
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step", { timeout: 5_000 });
  await readUntilItStops(page);
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced");
});

test("a server that has switched WebSockets off says so, and everything goes over SSE", async ({ reader }) => {
  test.setTimeout(80_000);
  const own = await Server.started({ USE_WEBSOCKET: "off" });
  try {
    const page = await reader.open("slip", { baseURL: own.url });
    await asGuest(page);
    await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
    const sockets = socketsOf(page);
    await readAloud(page);
    await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced");
    await page.getByRole("link", { name: "Settings" }).click();
    await expect(page.getByText("switched open connections off for now")).toBeVisible();
    await expect(page.getByRole("switch", { name: /WebSocket/u })).toBeDisabled();
    expect(sockets).toHaveLength(0);
  } finally {
    await own.close();
  }
});

test("a WebSocket that gets through again is found within a minute, and carries the next reading", async ({ reader }) => {
  test.setTimeout(80_000);
  const page = await reader.open("slip");
  await page.clock.install();
  const line = await blockedLine(page);
  const uploads = uploadsOf(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step", { timeout: 5_000 });
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  const heard = await statuses(page);
  expect(uploads).toHaveLength(1);

  line.unblock();
  await page.clock.fastForward(PROBE_MS);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await page.getByRole("button", { name: "Again", exact: true }).click();
  await readAloud(page);
  expect(await statuses(page)).toEqual(heard);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  expect(uploads).toHaveLength(1);
  expect(await savedReadings(page)).toBe(2);
});

test("a reading over SSE ends there while the WebSocket comes back, and is saved once", async ({ reader }) => {
  const page = await reader.open("slip");
  const line = await blockedLine(page);
  const uploads = uploadsOf(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step", { timeout: 5_000 });
  await recordButton(page).click();
  await countingDown(page);
  line.unblock();
  await page.evaluate(() => globalThis.dispatchEvent(new Event("online"))); // another network: it is tried at once
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced");
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  expect(uploads).toHaveLength(1);
  expect(await savedReadings(page)).toBe(1);
});

test("a server that is killed while somebody reads is back in time, and has one reading", async ({ reader, server }) => {
  test.setTimeout(120_000);
  const page = await reader.open("slip");
  await killedWhileReading(page, server, lit);
  await server.start();
  await expect(word(page, "ship")).toHaveAttribute("data-status", "mispronounced", { timeout: 60_000 });
  await expect(connection(page)).toHaveAttribute("data-connection", "live", { timeout: 40_000 });
  expect(await savedReadings(page)).toBe(1);
});

test("a reading that nobody answered is kept, and saved once when the server is back", async ({ reader, server }) => {
  test.setTimeout(120_000);
  const page = await reader.open("right");
  await killedWhileReading(page, server, countingDown);
  await expect(page.getByText("kept on this device")).toBeVisible({ timeout: 30_000 });
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
  await killedWhileReading(page, server, countingDown);
  await expect(page.getByText("Your reading is safe; we go on in a moment.")).toBeVisible();
  await page.getByRole("link", { name: "Progress" }).click();
  await expect(recordButton(page)).toHaveCount(0);
  await expect.poll(() => keptTakes(page), { timeout: 20_000 }).toBe(1); // also for the next time, should the tab be closed now
  await server.start();
  await expect(page.getByText("Your reading from before has been sent.")).toBeVisible({ timeout: 40_000 });
  expect([await savedReadings(page), await keptTakes(page)]).toEqual([1, 0]);
});

test("a reading that fails after its page was left is kept, and sent when the server takes it", async ({ reader }) => {
  const page = await reader.open("right");
  let refusals = 0;
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
  await page.route(/analyze-audio$/u, async (route) => {
    await page.getByRole("link", { name: "Settings" }).click(); // while it is listened to
    await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
    refusals += 1;
    const problem = { type: "about:blank", title: "Broken", status: 500, detail: "Broken.", code: "internal", retryable: true };
    await route.fulfill({ status: 500, headers: { "Content-Type": "application/problem+json" }, body: JSON.stringify(problem) });
  }, { times: 1 });
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await recordButton(page).click();
  await expect(page.getByText("Your reading from before has been sent.")).toBeVisible({ timeout: 30_000 });
  expect([refusals, await savedReadings(page), await keptTakes(page)]).toEqual([1, 1, 0]);
});

test("what is read without a network is kept, and sent later, whatever page is open then", async ({ reader }) => {
  const page = await reader.open("right");
  const line = await cuttable(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await page.context().setOffline(true);
  await line.cut();
  await expect(connection(page)).toHaveAttribute("data-connection", "offline");
  await recordButton(page).click();
  await expect(page.getByText("kept on this device")).toBeVisible({ timeout: 20_000 });
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

test("a reading that is thrown away is not saved", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await page.keyboard.press("Space");
  await lit(page);
  await page.keyboard.press("Escape");
  await expect(page.getByText("Thrown away")).toBeVisible();
  await expect(recordButton(page)).toHaveText("Read it");
  expect(await savedReadings(page)).toBe(0);
});

test("nothing is left when the page is left in the middle of a reading", async ({ reader }) => {
  const page = await reader.open("right");
  await page.addInitScript(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const opened: MediaStreamTrack[] = [];
    Object.assign(globalThis, { opened });
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      opened.push(...stream.getTracks());
      return stream;
    };
  });
  await asGuest(page);
  await recordButton(page).click();
  await expect(recordButton(page)).toHaveText("Done");
  await page.getByRole("link", { name: "Home" }).click();
  await expect(recordButton(page)).toHaveCount(0);
  const states = await page.evaluate(() => (globalThis as unknown as { opened: MediaStreamTrack[] }).opened.map(({ readyState }) => readyState));
  expect(states.length).toBeGreaterThan(0);
  expect(new Set(states)).toEqual(new Set(["ended"]));
});

/** Somebody reads over the open line, and the server dies when the page has come so far. */
async function killedWhileReading(page: Page, server: Server, soFar: (page: Page) => Promise<void>): Promise<void> {
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await recordButton(page).click();
  await soFar(page);
  await server.kill();
}

async function statuses(page: Parameters<typeof word>[0]): Promise<string[]> {
  return await page.locator("[data-status]").evaluateAll((words) => words.map((chip) => chip.getAttribute("data-status") ?? ""));
}

test("a stranger who comes by the address of a sentence reads that sentence", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page, PRACTICE);
  await expect(page.getByRole("region", { name: "The sentence to read" })).toHaveText(/The\s*ship\s*is\s*at\s*the\s*fish\s*shop\./u);
});
