import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { precompressed } from "./scripts/precompressed.ts";
import { serviceWorker } from "./scripts/serviceWorker.ts";
import { stylesFromFiles } from "./scripts/stylesFromFiles.ts";

const server = process.env["SOUNDITOUT_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss(), serviceWorker(), stylesFromFiles(), precompressed()],
  resolve: { alias: { "react-remove-scroll": fileURLToPath(new URL("./src/components/RemoveScroll.tsx", import.meta.url)) } },
  build: {
    assetsInlineLimit: 0, // the page's security policy allows fonts from this server, not from data: addresses
    sourcemap: true,
    manifest: true, // tells scripts/size.mjs what a page loads first
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"] }, // what drives a browser is in e2e/
  server: {
    proxy: { "/api": { target: server, ws: true }, "/models": server, "/readyz": server, "/healthz": server },
  },
});
