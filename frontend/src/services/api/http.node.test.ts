import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { becomeGuest, deleteAccount, signIn } from "./account";
import { ApiError, call, messageOf } from "./http";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A real server on this machine. → its address */
async function serve(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((listening) => { started.listen(0, "127.0.0.1", listening); });
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

async function failure(doing: Promise<unknown>): Promise<unknown> {
  return await doing.then(() => undefined, (error: unknown) => error);
}

const PROBLEM = { title: "Conflict", detail: "This name is taken.", code: "invalid_message", retryable: false, status: 409 };

describe("a call", () => {
  it("gives the JSON that is answered, and sends its token and its body", async () => {
    const base = await serve((request, response) => {
      request.setEncoding("utf8").once("data", (body: string) => {
        response.end(JSON.stringify({ body, token: request.headers.authorization, method: request.method }));
      });
    });
    expect(await call("/x", { base, token: "t", method: "PATCH", body: { theme: "dark" } })).toEqual({
      body: '{"theme":"dark"}',
      token: "Bearer t",
      method: "PATCH",
    });
  });

  it("gives nothing when nothing is answered", async () => {
    const base = await serve((_, response) => { response.writeHead(204).end(); });
    expect(await deleteAccount(null, { base, token: "t" })).toBeUndefined();
  });

  it("says what the server said when it refuses", async () => {
    const base = await serve((_, response) => {
      response.writeHead(409, { "Content-Type": "application/problem+json" }).end(JSON.stringify(PROBLEM));
    });
    expect(await failure(call("/x", { base }))).toMatchObject({ message: "This name is taken.", status: 409, retryable: false, retryAfter: null });
  });

  it("knows how long to wait", async () => {
    const base = await serve((_, response) => {
      response.writeHead(429, { "Retry-After": "30" }).end(JSON.stringify({ ...PROBLEM, code: "too_many_requests", retryable: true }));
    });
    expect(await failure(call("/x", { base }))).toMatchObject({ code: "too_many_requests", retryable: true, retryAfter: 30 });
  });

  it("takes a proxy's error page for a server that is away", async () => {
    const base = await serve((_, response) => { response.writeHead(502).end("<h1>Bad Gateway</h1>"); });
    expect(await failure(call("/x", { base }))).toMatchObject({ status: 0, code: "unreachable", retryable: true });
  });

  it("has words of its own for a failure without any", async () => {
    const base = await serve((_, response) => { response.writeHead(500).end("Traceback"); });
    expect(messageOf(await failure(call("/x", { base })))).toBe("Something went wrong on the server. Please try again.");
  });

  it("says that nobody answers when nobody does", async () => {
    const base = await serve((request) => { request.socket.destroy(); });
    expect(await failure(call("/x", { base }))).toMatchObject({ status: 0, code: "unreachable", retryable: true });
  });

  it("lets the caller's own abort through, which is no failure to tell of", async () => {
    const stopped = new AbortController();
    const base = await serve(() => { stopped.abort(); });
    const error = await failure(call("/x", { base, signal: stopped.signal }));
    expect(error).not.toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ name: "AbortError" });
  });
});

describe("signing in", () => {
  it("sends the form that OAuth 2 wants", async () => {
    const base = await serve((request, response) => {
      request.setEncoding("utf8").once("data", (body: string) => {
        response.end(JSON.stringify({ access_token: `${request.headers["content-type"]} ${body}`, expires_in: 60 }));
      });
    });
    expect(await signIn("Ada L.", "a&b=c", { base })).toEqual({
      value: "application/x-www-form-urlencoded;charset=UTF-8 grant_type=password&username=Ada+L.&password=a%26b%3Dc",
      lifetimeSeconds: 60,
    });
  });

  it("does not take an answer without a token for one", async () => {
    const base = await serve((_, response) => { response.end("{}"); });
    expect(await failure(becomeGuest({ base }))).toBeInstanceOf(ApiError);
  });
});
