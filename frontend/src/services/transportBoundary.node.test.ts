import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const SOURCES = fileURLToPath(new URL("../", import.meta.url));

/** What only a transport may be made of. */
const MEANS = /\b(WebSocketTransport|SSETransport|SocketCarrier|SseCarrier|new WebSocket|EventSource|text\/event-stream)\b/;

/** Both transports, what they are made of, and the ladder. */
const ALLOWED = [
  "services/audioTransport.ts",
  "services/environment.ts",
  "services/socketCarrier.ts",
  "services/sseCarrier.ts",
  "services/sseStream.ts",
  "services/transportLadder.ts",
];

/** What is done otherwise over one transport than over the other. */
const BRANCHES = /(?:===|!==|\bcase) *"(?:websocket|sse)"|\bstatus\.transport\b/;

/** The rules of the ladder; and those that only say how it is: the pill, what is measured, and the server's figures. */
const MAY_BRANCH = [
  "features/operations/Swatch.tsx",
  "features/practice/connection.ts",
  "services/ladderRules.ts",
  "services/measuring/connectionWatch.ts",
  "services/measuring/measuring.ts",
  "services/measuring/readingWatch.ts",
  "services/reconnect.ts",
  "services/transportLadder.ts",
];

/** Comments may say what they like. */
function code(file: string): string {
  return readFileSync(`${SOURCES}${file}`, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

function filesWith(pattern: RegExp): readonly string[] {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|^testing\//.test(file));
  return sources.filter((file) => pattern.test(code(file))).toSorted();
}

it("lets nothing but the transports and the ladder know what a transport is made of", () => {
  expect(filesWith(MEANS)).toEqual(ALLOWED);
});

it("lets nothing but the ladder do anything otherwise because of the transport that is in use", () => {
  expect(filesWith(BRANCHES)).toEqual(MAY_BRANCH);
});

it("makes the ladder of the two transports", () => {
  expect(code("services/transportLadder.ts")).toMatch(/new WebSocketTransport[\s\S]*new SSETransport/);
  expect(code("services/transportLadder.ts")).not.toMatch(/SocketCarrier|SseCarrier/);
});
