import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import type { Plugin, Rolldown } from "vite";

const SOURCE = new URL("./sw.js", import.meta.url);
const LARGEST_CHUNK = 200_000; // characters; charts and models are not needed to open the page
const FROM_PUBLIC = ["/dress.js", "/favicon.svg", "/manifest.webmanifest"];
const FIRST_FONTS = /atkinson-hyperlegible-latin-.+\.woff2$/;

/** Writes /sw.js: scripts/sw.js with the names of this build's files in it. */
export function serviceWorker(): Plugin {
  return {
    name: "sounditout-service-worker",
    apply: "build",
    generateBundle(_, bundle) {
      const files = Object.values(bundle).filter(isShell).map(({ fileName }) => `/${fileName}`);
      const shell = ["/", ...FROM_PUBLIC, ...files.toSorted()];
      const version = createHash("sha256").update(shell.join("\n")).digest("hex").slice(0, 12);
      const source = readFileSync(SOURCE, "utf8")
        .replace("__VERSION__", version)
        .replace('["__SHELL__"]', JSON.stringify(shell, null, 2));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

function isShell(file: Rolldown.OutputChunk | Rolldown.OutputAsset): boolean {
  if (file.type === "chunk") return file.code.length < LARGEST_CHUNK || file.isEntry;
  return file.fileName.endsWith(".css") || FIRST_FONTS.test(file.fileName);
}
