import type { Quality } from "../../hooks/loudness";
import type { ErrorData } from "../../services/audioProtocol";

/** What to do about it. resend: the recording is still here. wait: the same, after so many seconds. */
export type Remedy = "again" | "resend" | "wait" | "next" | "sign-in" | "none";
export type Trouble = { readonly text: string; readonly remedy: Remedy; readonly waitSeconds: number };

/** What happened, what is safe, what to do. Pure. */
export function troubleOf(error: ErrorData, quality: Quality): Trouble {
  switch (error.code) {
    case "no_speech":
    case "audio_too_short":
      return trouble(NOTHING_HEARD[quality], "again");
    case "audio_too_long":
    case "audio_too_large":
      return trouble("That was longer than we can listen to, a minute. Please read the sentence once more, a little faster.", "again");
    case "overloaded":
    case "too_many_requests":
      return busy(error.retry_after ?? 0);
    case "connection_failed":
    case "disconnected":
      return trouble("The server cannot be reached. Your reading is safe here; send it again when you are back.", "resend");
    case "replaced":
      return trouble("You went on in another tab. To go on here, read the sentence once more.", "none");
    case "unauthorized":
    case "forbidden":
      return trouble("You were here for a while, so please come in again. What you have read is kept.", "sign-in");
    case "invalid_sentence":
      return trouble("This sentence cannot be read here. Please go on to the next one.", "next");
    case "unknown_session":
    case "timeout":
    case "analysis_failed":
    case "internal":
      return trouble("Something went wrong while we listened. Your reading is still here; please send it again.", "resend");
    default:
      return trouble(error.message, error.retryable ? "resend" : "again");
  }
}

const NOTHING_HEARD: Readonly<Record<Quality, string>> = {
  good: "We did not hear any words. Read the sentence aloud once more, all of it.",
  quiet: "That was too quiet to hear. Come closer to the microphone, or speak up a little, and read it again.",
  noisy: "It is noisy around you, so your words could not be told apart. Find a quieter place, or come closer, and read it again.",
};

/** The button counts the seconds. */
function busy(seconds: number): Trouble {
  const text = "Many people are reading just now. Your reading is safe here; send it again in a moment.";
  return { text, remedy: "wait", waitSeconds: Math.ceil(seconds) };
}

function trouble(text: string, remedy: Remedy): Trouble {
  return { text, remedy, waitSeconds: 0 };
}
