import { expect, type Locator, type Page, type WebSocketRoute } from "@playwright/test";

import { test } from "./fixtures";
import { type Server } from "./server";

export const SENTENCE = "The ship is at the fish shop.";
export const PRACTICE = `/practice?text=${encodeURIComponent(SENTENCE)}`;
/** To speak the sentence, to hear it, and to tell. */
const READ_MS = 20_000;

/** Somebody without an account, on the practice page. */
export async function asGuest(page: Page, address = PRACTICE): Promise<void> {
  await page.goto(address);
  await page.getByRole("button", { name: /^(start|try|begin)/iu }).first().click();
  await expect(recordButton(page)).toBeEnabled();
}

export type Account = { readonly username: string; readonly password: string };

/** Somebody with a new account, at an address of the app. */
export async function signUp(page: Page, address: string): Promise<Account> {
  await page.goto(`/sign-up?next=${encodeURIComponent(address)}`);
  const account = newAccount();
  await enter(page, account);
  await expect(page).toHaveURL(address);
  return account;
}

export function newAccount(): Account {
  return { username: `reader-${Date.now()}`, password: "a long password" };
}

/** Fill in the form that signs in, or makes an account. */
export async function enter(page: Page, { username, password }: Account): Promise<void> {
  await page.locator("[name=username]").fill(username);
  await page.locator("[name=password]").fill(password);
  await page.locator("[type=submit]").click();
}

export function recordButton(page: Page) {
  return page.locator("[data-record]");
}

/** Read the sentence, and press "Done" as soon as the page counts down to it; ends when the words have their colours. */
export async function readAloud(page: Page): Promise<void> {
  await recordButton(page).click();
  await doneWhenCounting(page);
  await coloured(page);
}

/** Read the sentence; ends when recording has stopped by itself and the words have their colours. */
export async function readUntilItStops(page: Page): Promise<void> {
  await recordButton(page).click();
  await expect(recordButton(page)).toHaveText("Done");
  await coloured(page);
}

/** Press "Done" in the moment in which the countdown begins: there is nothing to hear after it. */
export async function doneWhenCounting(page: Page): Promise<void> {
  await page.waitForFunction(
    () => {
      if (document.querySelector("[data-countdown]") === null) return false;
      document.querySelector<HTMLElement>("[data-record]")?.click();
      return true;
    },
    null,
    { timeout: READ_MS },
  );
}

/** Until the page counts down to its stop, which it does for a second. */
export async function countingDown(page: Page): Promise<void> {
  await appeared(page, "[data-countdown]");
}

/** Until so many words have lit up, while they are still being read. */
export async function lit(page: Page, words = 1): Promise<void> {
  await appeared(page, "[data-lit]", words);
}

/** Until the words have their colours. */
async function coloured(page: Page): Promise<void> {
  await appeared(page, "[data-status]");
}

/** Looked for on every frame: `expect` looks once a second, and what is there for no longer is missed. */
async function appeared(page: Page, selector: string, count = 1): Promise<void> {
  await page.waitForFunction(([wanted, least]) => document.querySelectorAll(wanted).length >= least, [selector, count] as const, { timeout: READ_MS });
}

export function word(page: Page, text: string) {
  return page.locator("[data-status]", { hasText: text });
}

export function connection(page: Page) {
  return page.locator("[data-connection]");
}

/** The WebSockets that a page opens from now on. */
export function socketsOf(page: Page): string[] {
  const opened: string[] = [];
  page.on("websocket", (socket) => opened.push(socket.url()));
  return opened;
}

/** A line to the server that can be cut: what a browser calls offline leaves open WebSockets alone. */
export async function cuttable(page: Page): Promise<{ cut: () => Promise<void> }> {
  const open: WebSocketRoute[] = [];
  await page.routeWebSocket(/audio-analysis/u, (socket) => {
    socket.connectToServer();
    open.push(socket);
  });
  return {
    cut: async () => {
      for (const socket of open.splice(0)) await socket.close({ code: 1001 });
    },
  };
}

/** The network is gone, and what is then read is kept. */
export async function readWithoutNetwork(page: Page, line: { cut: () => Promise<void> }): Promise<void> {
  await page.context().setOffline(true);
  await line.cut();
  await expect(connection(page)).toHaveAttribute("data-connection", "offline", { timeout: 20_000 });
  await recordButton(page).click();
  await expect(page.getByText("kept on this device")).toBeVisible({ timeout: 20_000 });
}

/** A network that lets no WebSocket through, until it does. */
export async function blockedLine(page: Page): Promise<{ unblock: () => void }> {
  let blocked = true;
  await page.routeWebSocket(/audio-analysis/u, (socket) => {
    if (blocked) void socket.close({ code: 1011 });
    else socket.connectToServer();
  });
  return { unblock: () => { blocked = false; } };
}

/** The readings that a page sends by themselves from now on, without a WebSocket. */
export function uploadsOf(page: Page): string[] {
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && /analyze-audio/u.test(request.url())) sent.push(request.url());
  });
  return sent;
}

/** What has been saved for whoever uses this page. */
export async function savedReadings(page: Page): Promise<number> {
  return (await readingsOf(page)).length;
}

/** What was read, as it was saved. */
export async function savedSentences(page: Page): Promise<string[]> {
  return (await readingsOf(page)).map(({ sentence }) => sentence);
}

/** Which words were objected to, in all readings of whoever uses this page. */
export async function objections(page: Page): Promise<number[]> {
  return (await readingsOf(page)).flatMap((reading) => reading.objections);
}

type SavedReading = { readonly id: number; readonly sentence: string; readonly objections: readonly number[] };

async function readingsOf(page: Page): Promise<SavedReading[]> {
  return await page.evaluate(async () => {
    const account: { token: string } = JSON.parse(localStorage.getItem("sounditout.account") ?? "{}");
    const headers = { Authorization: `Bearer ${account.token}` };
    const ask = async (address: string): Promise<SavedReading[]> => (await fetch(address, { headers })).json();
    const sessions = await ask("/api/sessions");
    const readings = await Promise.all(sessions.map(({ id }) => ask(`/api/sessions/${id}/readings`)));
    return readings.flat();
  });
}

export { expect, test, type Locator, type Page };

/** Somebody reads over the open line, and the server dies when the page has come so far. */
export async function killedWhileReading(page: Page, server: Server, soFar: (page: Page) => Promise<void>): Promise<void> {
  await asGuest(page);
  await expect(connection(page)).toHaveAttribute("data-connection", "live");
  await recordButton(page).click();
  await soFar(page);
  await server.kill();
}
