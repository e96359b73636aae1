import { asGuest, connection, cuttable, enter, expect, newAccount, PRACTICE, readAloud, readWithoutNetwork, savedReadings, signUp, socketsOf, test, word, type Page } from "./reading";
import { Server } from "./server";
import { HEARTBEAT_MS, LONGEST_WAIT_MS } from "../src/config/connection";

const LIFETIME_SECONDS = 60; // the shortest that servers give
const RENEWED_MS = 46_000; // after three quarters of it

test("a token is renewed in time, in the middle of a visit, and nobody notices", async ({ reader }) => {
  test.setTimeout(80_000);
  const own = await Server.started({ SOUNDITOUT_TOKEN_LIFETIME_SECONDS: String(LIFETIME_SECONDS) });
  try {
    const page = await reader.open("right", { baseURL: own.url });
    await page.clock.install();
    const sockets = socketsOf(page);
    let pongs = 0;
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => { pongs += Number(String(payload).includes('"pong"')); }));
    await asGuest(page);
    await expect(connection(page)).toHaveAttribute("data-connection", "live");
    await readAloud(page);
    const first = await tokenOf(page);
    const renewed = page.waitForResponse(/auth\/refresh/u);
    await page.clock.fastForward(HEARTBEAT_MS);
    await expect.poll(() => pongs).toBeGreaterThan(0); // more silence at once would be a broken line
    await page.clock.fastForward(RENEWED_MS - HEARTBEAT_MS);
    expect((await renewed).ok()).toBe(true);
    await expect.poll(() => tokenOf(page)).not.toBe(first);
    await expect(word(page, "shop")).toHaveAttribute("data-status", "correct"); // the page is as it was
    await page.clock.fastForward(LIFETIME_SECONDS * 1000 - RENEWED_MS); // the first one has ended by now
    await page.getByRole("button", { name: "Again", exact: true }).click();
    await readAloud(page);
    await expect(page.locator("[data-feedback]")).toBeVisible();
    expect(sockets).toHaveLength(1);
    expect(await savedReadings(page)).toBe(2);
  } finally {
    await own.close();
  }
});

test("who was signed out elsewhere is asked in again, and what was kept is sent", async ({ reader }) => {
  test.setTimeout(120_000);
  const page = await reader.open("right");
  const line = await cuttable(page);
  const account = await signUp(page, PRACTICE);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readWithoutNetwork(page, line);

  const elsewhere = await fetch(new URL("/api/auth/sign-out", page.url()), { method: "POST", headers: { Authorization: `Bearer ${await tokenOf(page)}` } });
  expect(elsewhere.status).toBe(204);
  await page.context().setOffline(false);
  await expect(page.getByText("You were here for a while, so please come in again.")).toBeVisible({ timeout: LONGEST_WAIT_MS + 5_000 });
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await enter(page, account);
  await expect(page).toHaveURL(/practice/u);
  await expect.poll(async () => await savedReadings(page).catch(() => 0), { timeout: 30_000 }).toBe(1);
});

test("a guest makes an account, reads on, and has everything on another device", async ({ reader }) => {
  const page = await reader.open("right");
  const sockets = socketsOf(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "Keep what you have read" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Keep what you have read");
  const account = newAccount();
  await enter(page, account);
  await expect(page).toHaveURL("/settings");
  await expect(page.getByText(account.username)).toBeVisible();
  await page.goto(PRACTICE);
  await readAloud(page);
  await expect(page.locator("[data-feedback]")).toBeVisible();
  expect(await savedReadings(page)).toBe(2);
  expect(sockets).toHaveLength(2); // one before the page was opened anew

  const other = await reader.open("silence");
  await other.goto("/sign-in?next=/progress");
  await enter(other, account);
  await expect(other).toHaveURL("/progress");
  expect(await savedReadings(other)).toBe(2);
});

test("a page that is loaded again takes the place of its own connection", async ({ reader }) => {
  const page = await reader.open("silence");
  const sockets = socketsOf(page);
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await page.reload();
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  const names = sockets.map((address) => new URL(address).searchParams.get("client_id"));
  expect(names).toHaveLength(2);
  expect(new Set(names).size).toBe(1);
  const other = await page.context().newPage();
  const others = socketsOf(other);
  await other.goto(PRACTICE);
  await expect(connection(other)).toHaveAttribute("data-connection", "live");
  expect(new URL(others[0] ?? "").searchParams.get("client_id")).not.toBe(names[0]);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
});

async function tokenOf(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const { token }: { token: string } = JSON.parse(localStorage.getItem("sounditout.account") ?? "{}");
    return token;
  });
}
