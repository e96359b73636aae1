import type { Scene } from "./scene";
import { spokenSummary } from "./verdict";

/**
 * What happens, for somebody who does not see it; notices and fields tell of themselves. Nothing while the microphone is
 * open, or about to be: it would hear the screen reader as well. Pure.
 */
export function announcement({ recorder, analysis, isListening }: Pick<Scene, "analysis" | "isListening"> & { readonly recorder: Pick<Scene["recorder"], "state"> }): string {
  if (recorder.state !== "idle") return "";
  if (isListening) return "Listening to your reading";
  if (analysis.report === null) return "";
  const feedback = analysis.advice?.feedback ?? "";
  return `${spokenSummary(analysis.report.words)} ${feedback}`.trim();
}
