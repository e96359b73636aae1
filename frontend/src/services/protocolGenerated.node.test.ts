import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/generate-protocol.mjs", import.meta.url));

it("knows the protocol as the server's schema has it (else: npm run generate)", async () => {
  const check = promisify(execFile)(process.execPath, [SCRIPT, "--check"]);
  await expect(check).resolves.toMatchObject({ stderr: "" });
}, 30_000);
