import { asGuest, connection, expect, PRACTICE, readAloud, test, type Page } from "./reading";
import { SEND_EVERY_MS } from "../src/services/measuring/outbox";

type Batch = { readonly batch_id: string; readonly stage: number; readonly measurements: readonly Readonly<Record<string, unknown>>[] };

/** What a page sends to be measured from now on, as it is answered. */
function batchesOf(page: Page): { readonly batch: Batch; readonly status: number }[] {
  const batches: { batch: Batch; status: number }[] = [];
  page.on("response", (response) => {
    if (!response.url().endsWith("/api/measurements")) return;
    batches.push({ batch: response.request().postDataJSON() as Batch, status: response.status() });
  });
  return batches;
}

/** A figure of the server, summed over whatever these labels leave open. */
async function figure(page: Page, name: string, ...labels: string[]): Promise<number> {
  const address = new URL("/metrics", page.url());
  const text = await (await fetch(address)).text();
  const lines = text.split("\n").filter((line) => line.includes(`${name}{`) && labels.every((label) => line.includes(label)));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

for (const [transport, name] of [["websocket", "live"], ["sse", "step by step"]] as const) {
  test(`what two readings over ${transport} were like is told to the server, and nothing of what was read`, async ({ reader }) => {
    test.setTimeout(80_000);
    const page = await reader.open("right");
    await page.clock.install();
    await asGuest(page);
    if (transport === "sse") {
      await page.goto("/settings");
      await page.getByRole("switch", { name: /WebSocket/u }).first().click();
      await page.goto(PRACTICE);
    }
    await expect(connection(page)).toHaveAttribute("data-connection", name);
    const batches = batchesOf(page);
    const readings = async () => await figure(page, "client_readings_total", `transport="${transport}"`, 'outcome="complete"', 'failed="false"');
    const before = await readings();
    await readAloud(page);
    await expect(page.locator("[data-feedback]")).toBeVisible();
    await page.getByRole("button", { name: "Again", exact: true }).click();
    await readAloud(page);
    await expect(page.locator("[data-feedback]")).toBeVisible();
    await page.clock.fastForward(SEND_EVERY_MS);
    await expect.poll(readings).toBe(before + 2);
    expect(await figure(page, "client_words_seconds_count", `transport="${transport}"`)).toBeGreaterThanOrEqual(2);
    expect(await figure(page, "client_first_event_seconds_count", `transport="${transport}"`, 'later="true"')).toBeGreaterThanOrEqual(1);
    expect(batches.map(({ status }) => status)).toEqual(batches.map(() => 204));
    expect(JSON.stringify(batches)).not.toMatch(/ship|shop|guest/iu);
  });
}

test("a page that is left tells of the line that it kept open", async ({ reader }) => {
  const page = await reader.open("silence");
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  const whole = async () => await figure(page, "client_sessions_total", 'broken="false"');
  const before = await whole();
  await page.goto("/nowhere"); // the document goes, and what it still has to say goes by itself
  await expect.poll(whole).toBe(before + 1);
});

test("a page that goes over SSE because no WebSocket gets through says so, once", async ({ reader }) => {
  test.setTimeout(60_000);
  const page = await reader.open("silence");
  await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1013 }); });
  const fallbacks = async () => await figure(page, "client_fallbacks_total", 'reason="busy"');
  await page.clock.install();
  await asGuest(page);
  const before = await fallbacks();
  await expect(connection(page)).toHaveAttribute("data-connection", "step by step");
  await page.clock.fastForward(SEND_EVERY_MS);
  await expect.poll(fallbacks).toBe(before + 1);
  await page.evaluate(() => globalThis.dispatchEvent(new Event("online"))); // it is tried once more
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await fallbacks()).toBe(before + 1);
});
