import { asGuest, connection, countingDown, expect, recordButton, test, word, type Page } from "./reading";

const READINGS = 10;
const TARGET_MS = 300;

/** Milliseconds from the end of recording to coloured words, as the page itself sees them. */
async function measure(page: Page): Promise<number> {
  await recordButton(page).click();
  await countingDown(page);
  await recordButton(page).click();
  await expect(word(page, "shop")).toBeVisible();
  const waited = await page.evaluate(() => (globalThis as unknown as { waited: number[] }).waited.at(-1) ?? Number.NaN);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await page.getByRole("button", { name: "Again", exact: true }).click();
  return waited;
}

/** From the click on "Done", with everything the page does after it, to the frame that shows the first coloured word. */
function watch(): void {
  const waited: number[] = [];
  Object.assign(globalThis, { waited });
  let stoppedAt = Number.NaN;
  document.addEventListener("pointerdown", ({ target }) => {
    if (target instanceof Element && target.closest("[data-record]") !== null) stoppedAt = performance.now();
  }, { capture: true });
  new MutationObserver(() => {
    if (Number.isNaN(stoppedAt) || document.querySelector("[data-status]") === null) return;
    const from = stoppedAt;
    stoppedAt = Number.NaN;
    requestAnimationFrame(() => waited.push(performance.now() - from));
  }).observe(document, { childList: true, subtree: true });
}

for (const way of ["websocket", "sse"] as const) {
  test(`from the end of recording to coloured words over ${way}`, async ({ reader }) => {
    test.setTimeout(180_000);
    const page = await reader.open("right");
    await page.addInitScript(watch);
    if (way === "sse") await page.routeWebSocket(/audio-analysis/u, (socket) => { void socket.close({ code: 1011 }); });
    await asGuest(page);
    await expect(connection(page)).toHaveAttribute("data-connection", way === "sse" ? "step by step" : "live");
    const waited: number[] = [];
    for (let count = 0; count < READINGS; count += 1) waited.push(await measure(page));
    const sorted = waited.toSorted((one, other) => one - other);
    const median = ((sorted[READINGS / 2 - 1] ?? 0) + (sorted[READINGS / 2] ?? 0)) / 2;
    process.stdout.write(`${way}: median ${median.toFixed(0)} ms, most ${(sorted.at(-1) ?? 0).toFixed(0)} ms of ${READINGS} readings (target over WebSocket: ${TARGET_MS} ms)\n`);
  });
}
