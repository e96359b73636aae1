import { MessageCircleHeart, Play, Sparkles, Volume2 } from "lucide-react";

import { Button } from "../../components/Button";
import type { Analysis } from "../../hooks/analysisReducer";
import type { Playing } from "../../hooks/player";
import { FEEDBACK } from "./aloud";
import { spokenSummary } from "./verdict";

type FeedbackPanelProps = {
  readonly analysis: Analysis;
  /** What stayed on this device, in words; "": nothing. */
  readonly stayed: string;
  readonly playing: Playing;
  readonly onSpeak: () => void;
};

/** What the coach says, to read and to hear. Until it is there, it says that it is on its way. */
export function FeedbackPanel({ analysis, stayed, playing, onSpeak }: FeedbackPanelProps) {
  const { report, advice, speech, phase, warnings } = analysis;
  if (report === null) return null;
  const isAllRight = report.words.every(({ status }) => status === "correct");
  const isHeldBack = playing.blocked && speech !== null;
  const waiting = advice === null && phase === "heard";
  const text = advice?.feedback ?? (waiting ? "Your words are marked. Advice is on its way." : spokenSummary(report.words));
  return (
    <section aria-label="What the coach says" className="flex items-start gap-4 rounded-card bg-raised p-5 shadow-page sm:p-6">
      {isAllRight ? (
        <Sparkles aria-hidden size={30} className="mt-0.5 shrink-0 fill-honey text-honey" />
      ) : (
        <MessageCircleHeart aria-hidden size={28} className="mt-0.5 hidden shrink-0 text-accent sm:block" />
      )}
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <p data-feedback={advice === null ? undefined : "there"} className={waiting ? "text-quiet" : undefined}>{text}</p>
        {warnings.map((warning) => <p key={warning} className="text-quiet">{warning}</p>)}
        {stayed !== "" && <p data-stayed className="text-sm text-quiet">{stayed}</p>}
        {isHeldBack && (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Button look="primary" onClick={onSpeak}><Play aria-hidden size={20} /> Play</Button>
            <p className="min-w-0 flex-1 basis-48 text-quiet">Your browser waits for a tap before it says this aloud.</p>
          </div>
        )}
      </div>
      {speech !== null && !isHeldBack && (
        <Button
          look="quiet"
          size="icon"
          aria-label={playing.name === FEEDBACK ? "Stop speaking" : "Hear the advice again"}
          aria-pressed={playing.name === FEEDBACK}
          onClick={onSpeak}
          className="-mt-2 -mr-2 shrink-0 aria-pressed:bg-accent-soft"
        >
          <Volume2 aria-hidden />
        </Button>
      )}
    </section>
  );
}
