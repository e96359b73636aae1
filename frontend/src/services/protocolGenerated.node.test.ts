import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { parseJson } from "./audioProtocol";
import { CLOSE_RULES } from "./reconnect";
import { isObject } from "./shape";

const SCHEMA = new URL("../../../docs/protocol.schema.json", import.meta.url);
const SCRIPT = fileURLToPath(new URL("../../scripts/generate-protocol.mjs", import.meta.url));

it("knows the protocol as the server's schema has it (else: npm run generate)", async () => {
  const check = promisify(execFile)(process.execPath, [SCRIPT, "--check"]);
  await expect(check).resolves.toMatchObject({ stderr: "" });
}, 30_000);

it("knows what to do after every close code of the protocol", async () => {
  const schema = parseJson(await readFile(SCHEMA, "utf8"));
  const codes = Object.keys(isObject(schema) && isObject(schema["x-close-codes"]) ? schema["x-close-codes"] : {}).map(Number);
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter((code) => !CLOSE_RULES.has(code))).toEqual([]);
});
