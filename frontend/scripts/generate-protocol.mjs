/**
 * Makes what the web app knows of the protocol from docs/protocol.schema.json: types for the compiler, and the shapes of
 * what the server says for checking it at run time. `--check` only says whether the files are up to date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { compile } from "json-schema-to-typescript";

const SCHEMA = new URL("../../docs/protocol.schema.json", import.meta.url);
const SERVICES = new URL("../src/services/", import.meta.url);
const BANNER = "/* Made from docs/protocol.schema.json by `npm run generate`. */";

/** Names that browsers use for something else. */
const RENAMED = {
  Event: "WireEvent",
  Error: "WireError",
  ErrorCode: "WireErrorCode",
  ErrorData: "WireErrorData",
  Warning_: "WarningEvent",
};

/** What is checked at run time; the rest of the schema is explanation, or about what we send ourselves. */
const CHECKED = ["WireEvent", "ServerMessage"];
const KEYWORDS = new Set("$ref type const enum anyOf oneOf items properties additionalProperties required minimum maximum".split(" "));

const REFERENCE = "#/$defs/";

function renamed(value) {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== "$ref") return [key, renamed(inner)];
      const name = inner.slice(REFERENCE.length);
      return [key, REFERENCE + (RENAMED[name] ?? name)];
    }),
  );
}

/** Only definitions may name a type, or every field with a title would become one. */
function untitled(value) {
  if (Array.isArray(value)) return value.map(untitled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== "title" || typeof inner !== "string")
      .map(([key, inner]) => [key, untitled(inner)]),
  );
}

function definitions(schema) {
  return Object.fromEntries(
    Object.entries(schema.$defs).map(([name, definition]) => [RENAMED[name] ?? name, renamed(definition)]),
  );
}

async function types(schema, defs) {
  const named = Object.fromEntries(
    Object.entries(defs).map(([name, definition]) => [name, { ...untitled(definition), title: name }]),
  );
  const { title, description, anyOf } = schema;
  return compile({ title, description, anyOf: renamed(anyOf), $defs: named }, title, {
    additionalProperties: false,
    bannerComment: BANNER,
    format: true,
    style: { printWidth: 120 },
  });
}

/** A shape without explanations. */
function bare(shape) {
  if (Array.isArray(shape)) return shape.map(bare);
  if (typeof shape !== "object" || shape === null) return shape;
  const kept = Object.entries(shape).filter(([key, value]) => KEYWORDS.has(key) && value !== false);
  return Object.fromEntries(kept.map(([key, value]) => [key, key === "properties" ? each(value) : bare(value)]));
}

function each(properties) {
  return Object.fromEntries(Object.entries(properties).map(([name, shape]) => [name, bare(shape)]));
}

function reachable(defs) {
  const found = new Map();
  const visit = (name) => {
    if (found.has(name)) return;
    const shape = bare(defs[name]);
    found.set(name, shape);
    for (const [, next] of JSON.stringify(shape).matchAll(/"#\/\$defs\/([^"]+)"/g)) visit(next);
  };
  for (const name of CHECKED) visit(name);
  return Object.fromEntries([...found].toSorted(([one], [other]) => one.localeCompare(other)));
}

function shapes(defs) {
  const lines = Object.entries(reachable(defs)).map(([name, shape]) => `  ${name}: ${JSON.stringify(shape)},\n`);
  const declaration = "export const SHAPES: Readonly<Record<string, Shape>>";
  return `${BANNER}\nimport type { Shape } from "./shape";\n\n${declaration} = {\n${lines.join("")}};\n`;
}

async function main() {
  const schema = JSON.parse(await readFile(SCHEMA, "utf8"));
  const defs = definitions(schema);
  const files = {
    "protocol.generated.ts": await types(schema, defs),
    "protocolShapes.generated.ts": shapes(defs),
  };
  const outdated = [];
  for (const [name, text] of Object.entries(files)) {
    const url = new URL(name, SERVICES);
    const present = await readFile(url, "utf8").catch(() => "");
    if (present === text) continue;
    outdated.push(fileURLToPath(url));
    if (!process.argv.includes("--check")) await writeFile(url, text);
  }
  if (!process.argv.includes("--check") || outdated.length === 0) return;
  process.stderr.write(`Out of date; run npm run generate: ${outdated.join(", ")}\n`);
  process.exitCode = 1;
}

await main();
