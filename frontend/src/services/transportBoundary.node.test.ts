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

/** Comments may say what they like. */
function code(file: string): string {
  return readFileSync(`${SOURCES}${file}`, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

it("lets nothing but the transports and the ladder know which transport is in use", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|^testing\//.test(file));
  expect(sources.filter((file) => MEANS.test(code(file)))).toEqual(ALLOWED);
});
