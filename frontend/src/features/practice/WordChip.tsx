import { classes } from "../../components/classes";
import type { WordReading } from "../../services/audioProtocol";
import { MARKS, spokenVerdict, type WordStatus } from "./verdict";

/** Colour, and a shape of its own for each verdict. */
const LOOKS: Readonly<Record<WordStatus, string>> = {
  correct: "text-right [&>span]:mark-right",
  mispronounced: "text-wrong [&>span]:mark-wrong",
  omitted: "text-quiet outline-2 -outline-offset-4 outline-dashed outline-edge",
  inserted: "self-center border-2 border-edge bg-raised px-[0.3em]! text-[0.62em] text-quiet",
  unsure: "[&>span]:underline [&>span]:decoration-dotted [&>span]:decoration-3 [&>span]:underline-offset-[0.26em]",
};

type WordChipProps = {
  readonly word: WordReading;
  /** As it stands in the sentence, with its punctuation. */
  readonly text: string;
  readonly onOpen: (word: WordReading) => void;
  readonly className?: string;
};

/** A word after it was read: tap it to see what was heard. */
export function WordChip({ word, text, onOpen, className }: WordChipProps) {
  return (
    <button
      type="button"
      data-status={word.status}
      aria-label={spokenVerdict(word)}
      onClick={() => { onOpen(word); }}
      className={classes(
        "inline-flex min-h-11 min-w-11 items-center justify-center rounded-[0.28em] px-[0.08em] leading-[inherit] whitespace-nowrap transition-colors duration-150 hover:bg-sunk",
        LOOKS[word.status],
        className,
      )}
    >
      {word.status === "inserted" ? `+ ${text || "…"}` : <Marked text={text} mark={MARKS[word.status]} />}
    </button>
  );
}

/** The mark stands above the middle of the word, in the space between the lines. */
function Marked({ text, mark }: { readonly text: string; readonly mark: string }) {
  return (
    <span className="relative">
      {text}
      <small aria-hidden className="absolute bottom-full left-1/2 -mb-[0.32em] -translate-x-1/2 text-[max(0.32em,0.75rem)] leading-none font-bold">
        {mark}
      </small>
    </span>
  );
}
