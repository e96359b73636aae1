import { describe, expect, it } from "vitest";

import { ApiError } from "../../services/api/http";
import { checkNewAccount, checkSignIn, errorsFrom, nextAddress } from "./accountForm";

function refused(status: number, message: string) {
  return new ApiError(message, { status, code: "invalid_message", retryable: false });
}

describe("a new account", () => {
  it("is fine with a name and a password of some length", () => {
    expect(checkNewAccount(" Ada ", "horse battery")).toEqual({});
  });

  it("is told what is too short, next to where it is", () => {
    expect(checkNewAccount("Al", "short")).toEqual({
      username: "A name has 3 to 64 characters.",
      password: "A password has 8 to 128 characters.",
    });
  });
});

describe("signing in", () => {
  it("asks for what is missing, and judges nothing else", () => {
    expect(checkSignIn("", "")).toEqual({ username: "Please enter your name.", password: "Please enter your password." });
    expect(checkSignIn("Al", "x")).toEqual({});
  });
});

describe("a refusal", () => {
  it.each([
    [409, "This name is taken.", "username"],
    [400, "A name starts with a letter or a digit.", "username"],
    [422, "username: Field required", "username"],
    [400, "A password has 8 to 128 characters; this one has 4.", "password"],
    [401, "The name or the password is not right. Please try again.", "form"],
    [503, "Too many are signing in.", "form"],
  ])("%i “%s” is said at %s", (status, message, place) => {
    expect(errorsFrom(refused(status, message))).toEqual({ [place]: message });
  });

  it("of an unknown kind is said in our own words", () => {
    expect(errorsFrom(new TypeError("x is undefined")).form).not.toContain("undefined");
  });
});

describe("the page after signing in", () => {
  it.each([
    ["/progress?days=7", "/progress?days=7"],
    [null, "/"],
    ["https://elsewhere.example", "/"],
    ["//elsewhere.example", "/"],
    ["/\\elsewhere.example", "/"],
    ["progress", "/"],
  ])("%s leads to %s", (next, address) => {
    expect(nextAddress(next, "/")).toBe(address);
  });
});
