import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const ROOT = path.resolve(import.meta.dirname, "../..");
const START_MS = 60_000;

/** By their names in the environment; undefined: as it is when nobody has set it. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** What `make run` gives. */
export const AS_INSTALLED: Settings = { USE_WEBSOCKET: undefined };

/** A real server with an empty database and the built app, in a process of its own. */
export class Server {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #settings: Settings;
  #process: ChildProcess | null = null;

  private constructor(port: number, folder: string, settings: Settings) {
    this.#settings = settings;
    this.#port = port;
    this.#folder = folder;
    this.url = `http://localhost:${port}`;
  }

  /** The file with everything that it keeps. */
  get database(): string {
    return path.join(this.#folder, "e2e.db");
  }

  static async started(settings: Settings = {}): Promise<Server> {
    const server = new Server(await freePort(), await mkdtemp(path.join(tmpdir(), "sounditout-e2e-")), settings);
    await server.start();
    return server;
  }

  /** At the same address, with the same database: also after `kill`. */
  async start(): Promise<void> {
    const command = ["run", "--frozen", "--project", "backend", "sounditout", "serve", "--port", String(this.#port)];
    this.#process = spawn("uv", command, { cwd: ROOT, env: this.#environment(), stdio: "inherit", detached: true });
    await this.#ready(Date.now() + START_MS);
  }

  /** What a command of this installation says, such as `admins add NAME`. */
  async command(...words: readonly string[]): Promise<string> {
    const command = ["run", "--frozen", "--project", "backend", "sounditout", ...words];
    const { stdout } = await promisify(execFile)("uv", command, { cwd: ROOT, env: this.#environment() });
    return stdout;
  }

  /** At once, as when a machine fails. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async close(): Promise<void> {
    await this.#end("SIGTERM");
    await rm(this.#folder, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      SOUNDITOUT_LOG_LEVEL: "error",
      USE_WEBSOCKET: "on", // a new installation has everybody on SSE
      SOUNDITOUT_SECRET_FILE: path.join(this.#folder, "secret.key"),
      ...this.#settings,
      DATABASE_URL: `sqlite+aiosqlite:///${this.database}`,
    };
  }

  async #ready(deadline: number): Promise<void> {
    while (Date.now() < deadline) {
      if (this.#process?.exitCode !== null) throw new Error("the server ended before it was ready");
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the server was not ready in time");
  }

  /** The whole group: `uv` starts the server as a child. */
  async #end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.#process;
    this.#process = null;
    if (ending?.pid === undefined || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once("exit", resolve));
    process.kill(-ending.pid, signal);
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "localhost", () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}
