import { classes } from "../../components/classes";
import type { PartialWord, WordReading } from "../../services/audioProtocol";
import { livePartsOf, readPartsOf, type Part } from "./sentenceParts";
import { WordChip } from "./WordChip";

type SentenceProps = {
  readonly sentence: string;
  /** Words that have been read so far. */
  readonly live: readonly PartialWord[];
  /** What was heard; empty: not read yet. */
  readonly words: readonly WordReading[];
  readonly onWord: (word: WordReading) => void;
};

/** The sentence, large; nothing ever lies over it, and it does not move when its words get their colours. */
export function Sentence({ sentence, live, words, onWord }: SentenceProps) {
  const isRead = words.length > 0;
  const parts = isRead ? readPartsOf(sentence, words) : livePartsOf(sentence, live);
  return (
    <div
      className="flex flex-wrap justify-center gap-x-[0.26em] gap-y-[0.12em] text-sentence"
    >
      {parts.map((part) => <Piece key={part.key} part={part} onWord={onWord} />)}
    </div>
  );
}

function Piece({ part, onWord }: { readonly part: Part; readonly onWord: (word: WordReading) => void }) {
  if (part.kind === "extra") return <WordChip word={part.word} text={part.word.text} onOpen={onWord} />;
  const joined = part.joined ? "-ml-[0.26em]" : "";
  if (part.word !== null) return <WordChip word={part.word} text={part.text} onOpen={onWord} className={joined} />;
  const lit = part.live === "correct" || part.live === "unsure";
  return (
    <span
      data-lit={lit || undefined}
      className={classes("rounded-[0.28em] px-[0.08em] whitespace-nowrap transition-colors duration-150", lit && "bg-honey-soft")}
    >
      {part.text}
    </span>
  );
}
