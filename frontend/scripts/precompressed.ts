import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

import type { Plugin } from "vite";

const SHRINKS = /\.(?:js|css|html|svg|webmanifest|wasm)$/; // fonts and pictures are compressed already
const SMALLEST = 1400; // bytes; less fits into one packet as it is

/** Beside each file that gets clearly smaller, the same file compressed: the server need not do it for every visitor. */
export function precompressed(): Plugin {
  let folder = "";
  return {
    name: "sounditout-precompressed",
    apply: "build",
    configResolved({ root, build }) {
      folder = path.resolve(root, build.outDir);
    },
    async closeBundle() {
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const built = files.filter((file) => file.isFile() && SHRINKS.test(file.name));
      await Promise.all(built.map(({ parentPath, name }) => compress(path.join(parentPath, name))));
    },
  };
}

async function compress(file: string): Promise<void> {
  const content = await readFile(file);
  if (content.length < SMALLEST) return;
  const packed = await promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION });
  if (packed.length < 0.9 * content.length) await writeFile(`${file}.gz`, packed);
}
