import { asAdmin, expect, lead, test } from "./administration";
import { violations } from "./axe";
import { signUp, type Page } from "./reading";
import type { Server } from "./server";
import { ask, newSession, readOnce } from "./visits";

test.describe.configure({ timeout: 120_000 }); // each asks the command line, which takes seconds to load

const THE_CAT = { sentence: "The cat.", heard: [["DH", "AH"], ["K", "AE", "T"]] };

type Dealt = { readonly token: string; readonly useWebSocket: boolean; readonly stage: number };

/** So many guests whose pages have read and then tell of it, each over the way that the server has dealt to them. */
async function school(server: Server, guests: number): Promise<Readonly<Record<"websocket" | "sse", number>>> {
  const cohorts = { websocket: 0, sse: 0 };
  for (let guest = 0; guest < guests; guest += 1) {
    const dealt = await arrive(server);
    const way = dealt.useWebSocket ? "websocket" : "sse";
    cohorts[way] += 1;
    await ask(server, "/api/measurements", dealt.token, { stage: dealt.stage, measurements: lived(way) });
  }
  return cohorts;
}

async function arrive(server: Server): Promise<Dealt> {
  const { access_token: token } = await ask<{ access_token: string }>(server, "/api/auth/guest", null, {});
  type Settings = { effective: { use_websocket: boolean; stage: number } };
  await readOnce(server, token, await newSession(server, token), THE_CAT); // what is measured counts of those who have read
  const { effective } = await ask<Settings>(server, "/api/users/me/settings", token);
  return { token, useWebSocket: effective.use_websocket, stage: effective.stage };
}

/** Of ten readings one fails; over the WebSocket they are quicker, and the connection holds. */
function lived(transport: "websocket" | "sse"): readonly object[] {
  const quick = transport === "websocket";
  const reading = { kind: "reading", transport, later: true, outcome: "complete", first_event_ms: quick ? 40 : 250, words_ms: quick ? 400 : 1600 };
  const failed = { ...reading, outcome: "failed", code: "internal", words_ms: null };
  const session = { kind: "session", transport: "websocket", seconds: 60, broken: false, close_code: 1000 };
  return [...Array.from({ length: 9 }, () => reading), failed, ...(quick ? [session] : [])];
}

function card(page: Page, metric: string) {
  return page.locator(`[data-metric=${metric}]`);
}

test("an admin sees both ways beside each other, and gives everybody the old one back", async ({ reader, home: server }) => {
  const page = await reader.open("silence");
  await asAdmin(page, server);
  await expect(page.getByRole("listitem").filter({ hasText: "0 %" }).first()).toHaveAttribute("aria-current", "step");
  await expect(page.getByRole("button", { name: "Roll back" })).toBeDisabled();
  expect(await violations(page)).toEqual([]);

  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByRole("dialog")).toContainText("A tenth of all people get the WebSocket.");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Start" })).toBeFocused();
  await lead(page, "Start", "A school begins");
  await lead(page, "Advance", "All was well");
  const cohorts = await school(server, 24);
  expect(Math.min(...Object.values(cohorts))).toBeGreaterThan(0);

  const failures = card(page, "error_rate");
  await expect(failures).toContainText(`${10 * cohorts.websocket} readings by ${cohorts.websocket} people`);
  await expect(failures).toContainText(`${10 * cohorts.sse} readings by ${cohorts.sse} people`);
  await expect(failures.getByText("10.0 %", { exact: true })).toHaveCount(2);
  await expect(failures).toContainText("300 readings by 20 people over either");
  await expect(card(page, "first_event").getByText("100.0 %", { exact: true }).first()).toBeVisible();
  await expect(card(page, "connections")).toContainText(`${cohorts.websocket} sessions by`);
  await expect(card(page, "latency")).toContainText("The WebSocket was the quicker one in 100.0 % of all pairs");
  for (const name of ["error_rate", "first_event", "connections", "latency"]) await expect(card(page, name).locator("svg.recharts-surface")).toBeVisible();

  await expect(page.getByRole("heading", { name: "At 50 %" })).toBeVisible();
  await expect(page.locator(".recharts-bar-rectangle path").first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("tab", { name: "As tables" }).click();
  const table = page.getByRole("table", { name: "Until the words, at 50 %" });
  await expect(table.getByRole("row", { name: "0.3 to 0.5 s" })).toContainText(String(9 * cohorts.websocket));
  await expect(table.getByRole("row", { name: "1 to 2 s" })).toContainText(String(9 * cohorts.sse));
  expect(await violations(page)).toEqual([]);

  await lead(page, "Roll back", "The network is down");
  const latest = page.getByRole("list", { name: "History of the rollout" }).getByRole("listitem").first();
  await expect(latest).toContainText("Rolled back: 0 %");
  await expect(latest).toContainText("The network is down");
  await expect(page.getByRole("listitem").filter({ hasText: "0 %" }).first()).toHaveAttribute("aria-current", "step");
});

test("the keyboard is enough, and a phone has room for all of it", async ({ reader, home: server }) => {
  const page = await reader.open("silence", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await asAdmin(page, server);
  await page.getByRole("button", { name: "Start" }).focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Why?").focus();
  await page.keyboard.type("With the keys alone");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "How far the WebSocket has come" })).toBeFocused();
  await expect(page.getByRole("list", { name: "History of the rollout" })).toContainText("With the keys alone");
  await school(server, 12);
  await expect(page.getByRole("heading", { name: "At 10 %" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect(await violations(page)).toEqual([]);
});

test("two admins who lead at once are asked to look again", async ({ reader, home: server }) => {
  const page = await reader.open("silence");
  await asAdmin(page, server);
  await page.getByRole("button", { name: /^(?:Start|Advance)$/u }).click();
  await server.command("rollout", "rollback", "--reason", "Somebody else was quicker", "--who", "Bo");
  await page.getByLabel("Why?").fill("All is well");
  await page.getByRole("dialog").getByRole("button", { name: /^(?:Start|Advance)$/u }).click();
  await expect(page.getByRole("alert")).toContainText("Look again");
});

test("who does not look after the server is told so", async ({ reader }) => {
  const page = await reader.open("silence");
  await signUp(page, "/operations");
  await expect(page.getByText("This page is for those who run this server.")).toBeVisible();
  await expect(page.getByRole("navigation").getByRole("link", { name: "Operations" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Roll back" })).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
});
