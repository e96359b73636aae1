import type { MicrophoneProblem } from "../../hooks/microphone";

export type Browser = "chrome" | "edge" | "firefox" | "safari" | "ios" | "android" | "other";

/** Which browser it is, as far as its settings for microphones differ. Pure. */
export function browserOf(userAgent: string): Browser {
  if (/iPhone|iPad|iPod/u.test(userAgent)) return "ios";
  if (/Android/u.test(userAgent)) return "android";
  if (/Edg\//u.test(userAgent)) return "edge";
  if (/Firefox\//u.test(userAgent)) return "firefox";
  if (/Chrome\//u.test(userAgent)) return "chrome";
  return /Safari\//u.test(userAgent) ? "safari" : "other";
}

const HOW_TO_ALLOW: Readonly<Record<Browser, string>> = {
  chrome: "Click the sign to the left of the address of this page, switch Microphone on, and come back.",
  edge: "Click the lock to the left of the address of this page, switch Microphone on, and come back.",
  firefox: "Click the crossed-out microphone beside the address of this page, take the block away, and come back.",
  safari: "Choose Safari, Settings for this website, and allow the microphone.",
  ios: "Tap the sign beside the address of this page, then Website Settings, and allow the microphone.",
  android: "Tap the sign beside the address of this page, then Permissions, and allow the microphone.",
  other: "Look beside the address of this page for the microphone, and allow it.",
};

/** What happened to the microphone, and what to do about it. */
export function microphoneHelp(problem: MicrophoneProblem, browser: Browser): string {
  switch (problem) {
    case "denied":
      return `The microphone is not allowed here, so nobody can hear you read. ${HOW_TO_ALLOW[browser]}`;
    case "missing":
      return "No microphone was found. Plug one in, or switch it on, and try again.";
    case "taken":
      return "Another program has the microphone just now. Close it, for instance a video call, and try again.";
    case "unsupported":
      return "This browser cannot record here. Open this page in a newer one, at an address that begins with https.";
  }
}
