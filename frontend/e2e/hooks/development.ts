import path from "node:path";

import { createServer, type ViteDevServer } from "vite";

/** The hooks alone, as React runs them while a page is made: in strict mode. The server behind them is a real one. */
export async function serveHooks(url: string): Promise<ViteDevServer> {
  const development = await createServer({
    root: path.resolve(import.meta.dirname, "../.."),
    logLevel: "silent",
    server: { port: 0, host: "localhost", hmr: false, proxy: { "/api": { target: url, ws: true }, "/healthz": url } },
    optimizeDeps: { include: ["react", "react-dom/client", "react/jsx-dev-runtime"] },
  });
  return await development.listen();
}
