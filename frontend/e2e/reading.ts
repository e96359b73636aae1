import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { chromium, expect, test as base, type Browser, type Locator, type Page, type WebSocketRoute } from "@playwright/test";

import { Server } from "./server";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** What is said, by name. `slip` says a word of the sentence wrong; `whisper` says it from far away. */
export const SAID = {
  right: "The ship is at the fish shop.",
  slip: "The sips is at the fish shop.",
  whisper: "The ship is at the fish shop.",
  silence: "",
} as const;
export type Said = keyof typeof SAID;

export const SENTENCE = "The ship is at the fish shop.";
export const PRACTICE = `/practice?text=${encodeURIComponent(SENTENCE)}`;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
];

export type Reader = {
  /** A browser whose microphone hears this, each time it is opened. */
  readonly open: (said: Said, options?: Parameters<Browser["newContext"]>[0]) => Promise<Page>;
};

// Playwright wants to see a pattern in the place of fixtures, also where none is used.
/* oxlint-disable no-empty-pattern */

/** One server for a file of tests; a browser for each reader. */
export const test = base.extend<{ reader: Reader }, { server: Server; speech: string }>({
  server: [
    async ({}, use) => {
      const server = await Server.started();
      await use(server);
      await server.close();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  speech: [
    async ({}, use) => {
      const folder = await mkdtemp(path.join(tmpdir(), "sounditout-speech-"));
      const said = Object.entries(SAID).map(([name, text]) => `${name}=${text}`);
      const command = ["run", "--frozen", "--project", "backend", "python", "frontend/e2e/speech.py", folder, ...said];
      await promisify(execFile)("uv", command, { cwd: ROOT });
      await use(folder);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 90_000 },
  ],
  reader: async ({ server, speech }, use) => {
    const browsers: Browser[] = [];
    const refused: string[] = [];
    const faults: string[] = [];
    const open: Reader["open"] = async (said, options = {}) => {
      const file = path.join(speech, `${said}.wav`);
      const browser = await chromium.launch({
        executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
        args: [...FLAGS, `--use-file-for-fake-audio-capture=${file}%noloop`],
      });
      browsers.push(browser);
      const context = await browser.newContext({ baseURL: server.url, permissions: ["microphone"], ...options });
      context.on("weberror", (fault) => { faults.push(String(fault.error())); });
      const page = await context.newPage();
      page.on("console", (message) => {
        if (message.text().includes("Content Security Policy")) refused.push(message.text());
      });
      page.on("request", (request) => {
        if (!new URL(request.url()).hostname.match(/^(localhost|)$/u)) refused.push(request.url());
      });
      return page;
    };
    await use({ open });
    for (const browser of browsers) await browser.close();
    expect(refused).toEqual([]); // everything comes from our own server, and its policy allows all of it
    expect(faults).toEqual([]); // nothing was thrown that nobody caught, and no promise rejected
  },
});

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

/** Read the sentence; ends when recording has stopped by itself and the words have their colours. */
export async function readAloud(page: Page): Promise<void> {
  await recordButton(page).click();
  await expect(recordButton(page)).toHaveText("Done");
  await expect(word(page, "shop")).toHaveAttribute("data-status", /./u, { timeout: 20_000 });
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

/** Days of practice for an account, every other day, the last one today; four readings on each. */
export async function practised(server: Server, { username, password }: Account, days: number): Promise<void> {
  const history = path.resolve(import.meta.dirname, "history.py");
  const command = ["run", "--frozen", "--project", "backend", "python", history, server.url, server.database, username, password, String(days)];
  await promisify(execFile)("uv", command, { cwd: ROOT });
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

export { expect, type Locator, type Page };
