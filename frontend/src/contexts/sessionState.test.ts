import { describe, expect, it } from "vitest";

import { accountOf, restored, sessionReducer, STRANGER } from "./sessionState";

const NOW = 1_800_000_000_000;
const ADA = { id: 7, username: "Ada", guest: false };
const ACCOUNT = accountOf({ value: "t1", lifetimeSeconds: 60 }, ADA, NOW);
const KNOWN = sessionReducer(STRANGER, { type: "entered", account: ACCOUNT });

describe("the session", () => {
  it("knows who has entered, and until when", () => {
    expect(KNOWN).toEqual({ status: "known", account: { token: "t1", renewAt: NOW + 45_000, expiresAt: NOW + 60_000, user: ADA } });
  });

  it("says why somebody is not signed in any more", () => {
    expect(sessionReducer(KNOWN, { type: "left", why: "deleted" })).toEqual({ status: "stranger", why: "deleted" });
    expect(sessionReducer(KNOWN, { type: "refused", token: "t1" })).toEqual({ status: "stranger", why: "expired" });
  });

  it("goes on with a newer token", () => {
    const fresh = { value: "t2", lifetimeSeconds: 100 };
    const renewed = sessionReducer(KNOWN, { type: "renewed", token: "t1", fresh, now: NOW + 50_000 });
    expect(renewed).toEqual({ status: "known", account: accountOf(fresh, ADA, NOW + 50_000) });
    expect(sessionReducer(renewed, { type: "renewed", token: "t1", fresh: { value: "t3", lifetimeSeconds: 1 }, now: NOW })).toBe(renewed);
    expect(sessionReducer(STRANGER, { type: "renewed", token: "t1", fresh, now: NOW })).toBe(STRANGER);
  });

  it("is not ended by an answer about an older token", () => {
    expect(sessionReducer(KNOWN, { type: "refused", token: "t0" })).toBe(KNOWN);
    expect(sessionReducer(KNOWN, { type: "looked-up", token: "t0", user: { ...ADA, id: 8 } })).toBe(KNOWN);
  });

  it("takes the user as the server knows them now", () => {
    const renamed = sessionReducer(KNOWN, { type: "looked-up", token: "t1", user: { ...ADA, username: "Ada L." } });
    expect(renamed).toMatchObject({ account: { user: { username: "Ada L." } } });
  });
});

describe("what was stored", () => {
  it("comes back as it was", () => {
    expect(restored(JSON.stringify(ACCOUNT), NOW)).toEqual(KNOWN);
  });

  it("has expired at its end", () => {
    expect(restored(JSON.stringify(ACCOUNT), NOW + 60_000)).toEqual({ status: "stranger", why: "expired" });
  });

  it.each([null, "", "{", "[]", "{}", '{"token":7}'])("is nobody when it cannot be read: %s", (stored) => {
    expect(restored(stored, NOW)).toEqual(STRANGER);
  });
});
