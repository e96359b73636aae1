import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { parseJson } from "../services/audioProtocol";
import { isObject } from "../services/shape";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const UV = ["run", "--frozen", "--project", "backend"];
const START_MS = 60_000;
const ASK_EVERY_MS = 50;

/** Writes speech of the bundled voice, as a browser could have recorded it. */
const SPEAK = `
import pathlib, sys
from bench.readings import as_wav, spoken_mp3
pathlib.Path(sys.argv[1]).write_bytes(as_wav(spoken_mp3(sys.argv[2])))
`;

/** Whether this machine can run the server at all. */
export function hasServer(): boolean {
  try {
    execFileSync("uv", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Speech as a WAV file. */
export async function spoken(text: string): Promise<Blob> {
  const folder = await mkdtemp(join(tmpdir(), "sounditout-speech-"));
  try {
    const file = join(folder, "speech.wav");
    await promisify(execFile)("uv", [...UV, "python", "-c", SPEAK, file, text], { cwd: ROOT });
    return new Blob([await readFile(file)], { type: "audio/wav" });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The real program in its own process, with an empty database, on a port that it keeps when it is started again. */
export class RealServer {
  readonly url: string;
  private readonly folder: string;
  private readonly port: number;
  private readonly settings: Readonly<Record<string, string>>;
  private process: ChildProcess | undefined;

  private constructor(folder: string, port: number, settings: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.port = port;
    this.settings = settings;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** With settings by their names in the environment. */
  static async create(settings: Readonly<Record<string, string>> = {}): Promise<RealServer> {
    const server = new RealServer(await mkdtemp(join(tmpdir(), "sounditout-server-")), await freePort(), settings);
    await server.start();
    return server;
  }

  /** Returns when it is ready. */
  async start(): Promise<void> {
    const child = spawn("uv", [...UV, "sounditout", "serve", "--host", "127.0.0.1", "--port", String(this.port)], {
      cwd: ROOT,
      detached: true, // a group of its own: `uv` and the program end together
      stdio: "ignore",
      env: {
        ...process.env,
        DATABASE_URL: `sqlite+aiosqlite:///${join(this.folder, "test.db")}`,
        SOUNDITOUT_SECRET_FILE: join(this.folder, "secret.key"),
        SOUNDITOUT_LOG_LEVEL: "error",
        USE_WEBSOCKET: "on", // a new installation has everybody on SSE
        ...this.settings,
      },
    });
    this.process = child;
    const until = performance.now() + START_MS;
    while (!(await this.isReady())) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
      if (performance.now() > until) throw new Error(`The server was not ready after ${START_MS} ms.`);
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }

  /** End it without a goodbye. */
  async kill(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true });
  }

  /** Somebody who tries things out, and a session to read in. */
  async guest(): Promise<{ readonly token: string; readonly sessionId: number }> {
    const token = String((await this.post("/api/auth/guest", "", ""))["access_token"]);
    const session = await this.post("/api/sessions", token, JSON.stringify({ activity: "test" }));
    return { token, sessionId: Number(session["id"]) };
  }

  /** How many readings of a session have been saved. */
  async saved(token: string, sessionId: number): Promise<number> {
    const answer = await fetch(`${this.url}/api/sessions/${sessionId}/readings`, { headers: bearer(token) });
    const readings = parseJson(await answer.text());
    return Array.isArray(readings) ? readings.length : Number.NaN;
  }

  /** What it counts, for Prometheus. */
  async figures(): Promise<string> {
    return await (await fetch(`${this.url}/metrics`)).text();
  }

  private async post(path: string, token: string, body: string): Promise<Readonly<Record<string, unknown>>> {
    const headers = { ...bearer(token), "Content-Type": "application/json" };
    const answer = parseJson(await (await fetch(`${this.url}${path}`, { method: "POST", headers, body })).text());
    return isObject(answer) ? answer : {};
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }
}

function bearer(token: string): Record<string, string> {
  return token === "" ? {} : { Authorization: `Bearer ${token}` };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
