import { AudioLines, CircleCheck, Hand, Volume2 } from "lucide-react";

import { Button } from "../../components/Button";
import { classes } from "../../components/classes";
import { Sheet } from "../../components/Dialog";
import type { Playing } from "../../hooks/player";
import type { WordReading } from "../../services/audioProtocol";
import { WORD_MODEL, wordMe } from "./aloud";
import { columnsOf, type Column, type ShownSound } from "./soundColumns";
import { SOUNDS } from "./sounds";
import { focusOf, spokenVerdict } from "./verdict";

export type ObjectionState = "none" | "sending" | "kept" | "failed";

type WordSheetProps = {
  readonly word: WordReading | null;
  readonly playing: Playing;
  readonly hasTake: boolean;
  readonly objection: ObjectionState;
  readonly onClose: () => void;
  readonly onHearMe: (word: WordReading) => void;
  readonly onHearIt: (word: WordReading) => void;
  readonly onObject: (word: WordReading) => void;
};

/** One word: what should have been said above what was heard, and how its sound is made. */
export function WordSheet({ word, onClose, ...rest }: WordSheetProps) {
  if (word === null) return null;
  const name = word.text === "" ? "An extra word" : `“${word.text}”`;
  return (
    <Sheet open onOpenChange={onClose} title={name} description={verdictLine(word)}>
      <WordDetails word={word} {...rest} />
    </Sheet>
  );
}

function WordDetails({ word, playing, hasTake, objection, onHearMe, onHearIt, onObject }: Omit<WordSheetProps, "word" | "onClose"> & { readonly word: WordReading }) {
  const columns = columnsOf(word.phonemes);
  const canHearMe = hasTake && word.start_seconds !== null && word.end_seconds !== null;
  return (
    <div className="flex flex-col gap-5">
      {columns.length > 0 && <SoundTable columns={columns} />}
      <HowItIsMade word={word} />
      <div className="flex flex-wrap gap-3">
        {word.text !== "" && (
          <Button look="primary" onClick={() => { onHearIt(word); }} aria-pressed={playing.name === WORD_MODEL}>
            <Volume2 aria-hidden size={20} /> Hear it
          </Button>
        )}
        {canHearMe && (
          <Button onClick={() => { onHearMe(word); }} aria-pressed={playing.name === wordMe(word)} className="aria-pressed:bg-accent-soft">
            <AudioLines aria-hidden size={20} /> Hear me
          </Button>
        )}
        {word.index !== null && word.status !== "correct" && <ObjectionButton state={objection} onObject={() => { onObject(word); }} />}
      </div>
      <output className="block text-quiet empty:-mt-5">{OBJECTION_WORDS[objection]}</output>
    </div>
  );
}

function verdictLine(word: WordReading): string {
  switch (word.status) {
    case "correct":
      return "Right, every sound of it.";
    case "mispronounced":
      return capital(`${spokenVerdict(word).slice(word.text.length + 2)}.`.replace("heard", "we heard"));
    case "omitted":
      return "We did not hear this word.";
    case "inserted":
      return "This word does not stand in the sentence.";
    case "unsure":
      return "We are not sure what we heard. Try this one again.";
  }
}

const COLUMN_LOOKS: Readonly<Record<Column["status"], string>> = {
  correct: "text-right",
  substituted: "text-wrong",
  omitted: "text-quiet",
  inserted: "text-quiet",
  unsure: "text-ink",
};

/** Two lines of sounds, one below the other: letters for a child, IPA below them for who knows it. */
function SoundTable({ columns }: { readonly columns: readonly Column[] }) {
  return (
    <div className="-mx-2 overflow-x-auto px-2 pb-1">
      <ol aria-label="Sound by sound" className="flex w-max gap-2">
        {columns.map((column) => (
          <li key={column.key} className={classes("flex min-w-16 flex-col items-center rounded-2xl bg-sunk px-2 py-3", COLUMN_LOOKS[column.status])}>
            <span className="sr-only">{column.spoken}</span>
            <ShownSoundBox sound={column.expected} className="text-ink" />
            <span aria-hidden className="my-1 text-xl leading-none font-bold">{column.mark}</span>
            <ShownSoundBox sound={column.heard} className={column.status === "correct" ? "mark-right" : column.status === "substituted" ? "mark-wrong" : ""} />
          </li>
        ))}
      </ol>
      <p aria-hidden className="mt-2 text-sm text-quiet">Above: how the word goes. Below: what we heard.</p>
    </div>
  );
}

function ShownSoundBox({ sound, className }: { readonly sound: ShownSound | null; readonly className: string }) {
  return (
    <span aria-hidden className="flex min-h-14 flex-col items-center">
      <span className={classes("mb-1.5 text-2xl leading-tight font-bold", className)}>{sound?.friendly ?? "·"}</span>
      <span className="text-sm text-quiet">{sound === null ? "nothing" : `/${sound.ipa}/`}</span>
    </span>
  );
}

function HowItIsMade({ word }: { readonly word: WordReading }) {
  const focus = focusOf(word.phonemes);
  const sound = focus === null ? undefined : SOUNDS[focus];
  if (sound === undefined) return null;
  return (
    <p className="rounded-2xl bg-accent-soft px-5 py-4">
      <strong className="block">{capital(sound.name)}, as in “{sound.keyword}”</strong>
      {sound.how}
    </p>
  );
}

function ObjectionButton({ state, onObject }: { readonly state: ObjectionState; readonly onObject: () => void }) {
  if (state === "kept") return <span className="inline-flex min-h-12 items-center gap-2 text-right"><CircleCheck aria-hidden size={20} /> Noted</span>;
  return (
    <Button look="quiet" disabled={state === "sending"} onClick={onObject}>
      <Hand aria-hidden size={20} /> I said it right
    </Button>
  );
}

const OBJECTION_WORDS: Readonly<Record<ObjectionState, string>> = {
  none: "",
  sending: "",
  kept: "Thank you. It is noted beside this reading. A grown-up finds it under Progress, and can hear you read the word again.",
  failed: "That could not be kept just now. Please try again in a moment.",
};

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
