import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { chromium, expect, test as base, type Browser, type BrowserContext, type Page } from "@playwright/test";
import type { ViteDevServer } from "vite";

import { Server, type Settings } from "./server";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** What is said, by name. `slip` says a word of the sentence wrong; `whisper` says it from far away. */
export const SAID = {
  right: "The ship is at the fish shop.",
  slip: "The sips is at the fish shop.",
  whisper: "The ship is at the fish shop.",
  silence: "",
} as const;
export type Said = keyof typeof SAID;

/**
 * For each window Chromium loads two hidden pages for its address bar, which is more work than most of ours are. Of two
 * such flags only the last counts, so this names also what Playwright goes without.
 */
const WITHOUT = [
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
  "WebUIOmniboxFullPopup",
  "AimEnabled",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "PreconnectToSearch",
  "ThirdPartyStoragePartitioning",
];
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
  `--disable-features=${WITHOUT.join(",")}`,
];
const START = { scope: "worker", timeout: 90_000 } as const;

export type Reader = {
  /** A page with a storage of its own, in a browser whose microphone hears this, each time it is opened. */
  readonly open: (said: Said, options?: Parameters<Browser["newContext"]>[0]) => Promise<Page>;
};

/** The browser with this microphone: it takes seconds to start, so there is one for all readers who say the same. */
type Listeners = (said: Said) => Promise<Browser>;

/**
 * What takes seconds to start is there once, and only when a test asks for it. All of it is told here, also what only
 * one file needs: tests with other such fixtures than the ones before them would have everything started anew.
 */
type Shared = {
  /** With nothing of its own; who kills it starts it again. */
  readonly server: Server;
  /** Whose rollout decides who uses the WebSocket, and has not begun. */
  readonly undecided: Server;
  /** Serves the hooks alone, as they are while a page is made; what they ask goes to `server`. */
  readonly development: ViteDevServer;
  /** The folder with what is said. */
  readonly speech: string;
  readonly listeners: Listeners;
};

// Playwright wants to see a pattern in the place of fixtures, also where none is used.
/* oxlint-disable no-empty-pattern */

/** A few servers and browsers for all tests; a context, which keeps nothing, for each reader. */
export const test = base.extend<{ home: Server; reader: Reader }, Shared>({
  server: [async ({}, use) => { await served({}, use); }, START],
  undecided: [async ({}, use) => { await served({ USE_WEBSOCKET: "auto" }, use); }, START],
  development: [
    async ({ server }, use) => {
      const { serveHooks } = await import("./hooks/development");
      const development = await serveHooks(server.url);
      await use(development);
      await development.close();
    },
    START,
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
    START,
  ],
  listeners: [
    async ({ speech }, use) => {
      const browsers = new Map<Said, Promise<Browser>>();
      await use(async (said) => {
        const browser = browsers.get(said) ?? launched(path.join(speech, `${said}.wav`));
        browsers.set(said, browser);
        return await browser;
      });
      for (const browser of browsers.values()) await (await browser).close();
    },
    START,
  ],
  home: async ({ server }, use) => { await use(server); },
  reader: async ({ home, listeners }, use) => {
    const contexts: BrowserContext[] = [];
    const refused: string[] = [];
    const faults: string[] = [];
    const open: Reader["open"] = async (said, options = {}) => {
      const browser = await listeners(said);
      const context = await browser.newContext({ baseURL: home.url, permissions: ["microphone"], ...options });
      contexts.push(context);
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
    for (const context of contexts) await context.close();
    expect(refused).toEqual([]); // everything comes from our own server, and its policy allows all of it
    expect(faults).toEqual([]); // nothing was thrown that nobody caught, and no promise rejected
  },
});

/** A server, as long as it is used. */
async function served(settings: Settings, use: (server: Server) => Promise<void>): Promise<void> {
  const server = await Server.started(settings);
  await use(server);
  await server.close();
}

/** A browser whose microphone hears this file, from its beginning each time it is opened. */
async function launched(file: string): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [...FLAGS, `--use-file-for-fake-audio-capture=${file}%noloop`],
  });
}
