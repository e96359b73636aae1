import type { ReadingReport } from "../../services/audioProtocol";

type Heard = {
  /** No recording leaves this device. */
  readonly keepsVoice: boolean;
  /** Who listened; absent: nobody yet. */
  readonly source: ReadingReport["source"] | undefined;
  /** Of the recording. */
  readonly bytes: number;
};

/** After a reading that was heard in the browser: that the voice stayed here, and how much was not sent. Pure; "": it was sent. */
export function stayedInWords({ keepsVoice, source, bytes }: Heard): string {
  if (!keepsVoice || source !== "client") return "";
  const kilobytes = Math.round(bytes / 1000);
  return kilobytes === 0 ? "Heard on this device: your voice stayed here." : `Heard on this device: your voice stayed here, ${kilobytes} kB that were not sent.`;
}
