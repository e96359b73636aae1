import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

import { expect, type Account } from "./reading";
import type { Server } from "./server";

/** A sentence, and the sounds that a browser heard of it, word by word. */
export type Said = { readonly sentence: string; readonly heard: readonly (readonly string[])[] };

const THE_SHIP = "The ship is at the fish shop.";
const RIGHT: Said = { sentence: THE_SHIP, heard: [["DH", "AH"], ["SH", "IH", "P"], ["IH", "Z"], ["AE", "T"], ["DH", "AH"], ["F", "IH", "SH"], ["SH", "AA", "P"]] };
/** By who has trouble with one sound. */
const SLIP: Said = { sentence: THE_SHIP, heard: [["DH", "AH"], ["S", "IH", "P"], ["IH", "Z"], ["AE", "T"], ["DH", "AH"], ["F", "IH", "S"], ["S", "AA", "P"]] };
const READINGS_A_DAY = 4;

/** Days of practice for an account, every other day, the last one today; four readings on each, and each day one more is right. */
export async function practised(server: Server, account: Account, days: number): Promise<void> {
  const token = await tokenFor(server, account);
  const session = await newSession(server, token);
  for (let day = 0; day < days; day += 1) {
    for (let number = 0; number < READINGS_A_DAY; number += 1) await readOnce(server, token, session, number <= day ? RIGHT : SLIP);
  }
  const script = path.resolve(import.meta.dirname, "dates.py");
  await promisify(execFile)("python3", [script, server.database, String(session), String(days)]);
}

async function tokenFor(server: Server, { username, password }: Account): Promise<string> {
  const answer = await fetch(`${server.url}/api/auth/token`, { method: "POST", body: new URLSearchParams({ username, password }) });
  return ((await answer.json()) as { access_token: string }).access_token;
}

export async function newSession(server: Server, token: string): Promise<number> {
  return (await ask<{ id: number }>(server, "/api/sessions", token, {})).id;
}

/** As a browser that listens by itself tells of it. */
export async function readOnce(server: Server, token: string, session: number, { sentence, heard }: Said): Promise<void> {
  const body = new FormData();
  const form = { session_id: String(session), attempted_sentence: sentence, client_phonemes: JSON.stringify(heard) };
  for (const [name, value] of Object.entries(form)) body.set(name, value);
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}/api/ai/analyze-audio-with-phonemes`, { method: "POST", headers, body });
  expect(await answer.text()).toContain('"type":"complete"');
}

/** A question to the server, which answers it well. */
export async function ask<Answer>(server: Server, address: string, token: string | null, body?: object): Promise<Answer> {
  const headers = { ...(token !== null && { Authorization: `Bearer ${token}` }), "Content-Type": "application/json" };
  const answer = await fetch(server.url + address, body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.ok, address).toBe(true);
  const text = await answer.text();
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}
