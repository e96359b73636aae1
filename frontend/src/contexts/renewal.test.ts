import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "../services/api/http";
import { atTime, renewInTime } from "./renewal";

const NOW = 1_800_000_000_000;
const AWAY = new ApiError("Away.", { status: 0, code: "unreachable", retryable: true });
const REFUSED = new ApiError("Who?", { status: 401, code: "unauthorized", retryable: false });

const target = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("atTime", () => {
  it("waits, at most as long as timers can", async () => {
    const ran = vi.fn<() => void>();
    atTime(NOW + 1000, ran);
    atTime(NOW - 1000, ran);
    atTime(undefined, ran);
    atTime(NOW + 1000, ran)();
    await vi.advanceTimersByTimeAsync(999);
    expect(ran).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ran).toHaveBeenCalledTimes(2);
  });
});

describe("renewInTime", () => {
  it("renews when it is time, once", async () => {
    const renew = vi.fn<() => Promise<string>>(() => Promise.resolve("fresh"));
    renewInTime(NOW + 1000, renew, () => undefined);
    target.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(999);
    expect(renew).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(renew).toHaveBeenCalledTimes(1);
  });

  it("tries again every minute while the server is away, and as soon as there is a network", async () => {
    const renew = vi.fn<() => Promise<string>>(() => Promise.reject(AWAY));
    const refused = vi.fn<() => void>();
    const stop = renewInTime(NOW, renew, refused);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(renew).toHaveBeenCalledTimes(2);
    target.dispatchEvent(new Event("online"));
    expect(renew).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(renew).toHaveBeenCalledTimes(4);
    stop();
    target.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(renew).toHaveBeenCalledTimes(4);
    expect(refused).not.toHaveBeenCalled();
  });

  it("says so when the token is known no more", async () => {
    const refused = vi.fn<() => void>();
    renewInTime(NOW, () => Promise.reject(REFUSED), refused);
    await vi.advanceTimersByTimeAsync(0);
    expect(refused).toHaveBeenCalledTimes(1);
  });
});
