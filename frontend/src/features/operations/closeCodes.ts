const MEANINGS: Readonly<Record<string, string>> = {
  "1000": "Ended as the page wanted",
  "1001": "The page was left, or the server stopped",
  "1005": "Ended without saying why",
  "1006": "The line broke",
  "1007": "Not readable as text",
  "1009": "A message was too large",
  "1011": "The server failed, or the page fell silent",
  "1012": "The server restarts",
  "1013": "The server had no room",
  "4400": "Too many messages could not be read",
  "4401": "Not signed in",
  "4408": "The page did not take what it was sent",
  "4409": "Opened in another tab",
  "4429": "Too many messages",
};

/** Why a WebSocket ended, see "Close codes" in docs/PROTOCOL.md. */
export function meaningOf(code: string): string {
  return MEANINGS[code] ?? "For another reason";
}
