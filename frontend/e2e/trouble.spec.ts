import { asGuest, blockedLine, connection, countingDown, expect, killedWhileReading, lit, PRACTICE, readAloud, readUntilItStops, recordButton, savedReadings, socketsOf, test, uploadsOf, word } from "./reading";
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

async function statuses(page: Parameters<typeof word>[0]): Promise<string[]> {
  return await page.locator("[data-status]").evaluateAll((words) => words.map((chip) => chip.getAttribute("data-status") ?? ""));
}

test("a stranger who comes by the address of a sentence reads that sentence", async ({ reader }) => {
  const page = await reader.open("right");
  await asGuest(page, PRACTICE);
  await expect(page.getByRole("region", { name: "The sentence to read" })).toHaveText(/The\s*ship\s*is\s*at\s*the\s*fish\s*shop\./u);
});
