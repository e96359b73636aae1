// How much JavaScript each page loads first, gzipped: what is static in index.html's entry, plus the page's own chunks.
// Fails when a page loads more than it may. Run after `npm run build`.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 200_000; // bytes; half a second on a slow telephone
const DIST = new URL("../dist/", import.meta.url);
const ENTRY = "index.html";

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

/** The chunk and all that it imports at once. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const imported of manifest[name].imports ?? []) closure(imported, found);
  return found;
}

function bytes(names) {
  const files = [...new Set([...names].map((name) => manifest[name].file))].filter((file) => file.endsWith(".js"));
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, DIST))).length, 0);
}

const entry = closure(ENTRY);
const pages = (manifest[ENTRY].dynamicImports ?? []).filter((name) => name.endsWith("Page.tsx"));
const sizes = pages.map((name) => [name, bytes(new Set([...entry, ...closure(name)]))]);
const rows = [["entry alone", bytes(entry)], ...sizes.toSorted((one, other) => other[1] - one[1])];
for (const [name, size] of rows) process.stdout.write(`${(size / 1000).toFixed(1).padStart(7)} kB  ${name}\n`);

const tooLarge = rows.filter(([, size]) => size > LIMIT);
if (tooLarge.length > 0) {
  process.stderr.write(`More than ${LIMIT / 1000} kB: ${tooLarge.map(([name]) => name).join(", ")}\n`);
  process.exit(1);
}
