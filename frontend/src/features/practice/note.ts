/** What happened to a take, besides what the server says about it. */
export type Note = "none" | "cancelled" | "silent" | "kept" | "lost" | "not-here";

/** Pure; empty: there is nothing to say. */
export const NOTES: Readonly<Record<Note, string>> = {
  none: "",
  cancelled: "Thrown away. Begin again whenever you like.",
  silent: "We did not hear anything, so we stopped. Look whether the right microphone is chosen in the settings, and read again.",
  kept: "The server is out of reach. Your reading is kept on this device and sent when it is back. You can go on with the next sentence.",
  lost: "The server is out of reach, and this browser cannot keep your reading. You can send it again as long as this page is open.",
  "not-here": "This device could not listen to your reading, and your settings say that no recording may leave it. You can change that under Privacy in the settings.",
};
