import type { Scene } from "./usePractice";
import { spokenSummary } from "./verdict";

/** What happens, for somebody who does not see it; notices and fields tell of themselves. Pure. */
export function announcement({ recorder, analysis }: Pick<Scene, "recorder" | "analysis">): string {
  if (recorder.state === "recording") return recorder.secondsLeft > 0 ? `Stopping in ${recorder.secondsLeft}` : "Recording";
  if (analysis.phase === "listening") return "Listening to your reading";
  if (analysis.report === null) return "";
  const feedback = analysis.advice?.feedback ?? "";
  return `${spokenSummary(analysis.report.words)} ${feedback}`.trim();
}
