import { ArrowRight, BookHeart, Check, RotateCcw } from "lucide-react";
import { useEffect } from "react";

import { Button } from "../../components/Button";
import { ButtonLink } from "../../components/ButtonLink";
import { PageHeading, PageTitle } from "../../components/PageHeader";
import { ChoiceLink } from "../home/ChoiceLink";
import { Picture } from "../home/Picture";
import { SOUNDS } from "./sounds";
import { endInWords, type StoryEnd } from "./storySoFar";

type EndOfStoryProps = { readonly title: string; readonly ending: StoryEnd; readonly onAgain: () => void };

/** The last page of a story: what went well, a sound to take along, and where to go from here. */
export default function EndOfStory({ title, ending, onAgain }: EndOfStoryProps) {
  useEffect(() => { globalThis.scrollTo(0, 0); }, []);
  return (
    <div className="mx-auto flex w-full max-w-xl flex-1 flex-col items-center justify-center gap-5 text-center sm:gap-7">
      <PageTitle title={`The end: ${title}`} />
      <div className="w-full max-w-40 sm:max-w-60"><Picture /></div>
      <div className="flex flex-col gap-1">
        <p className="text-lg text-quiet">{title}</p>
        <PageHeading className="text-[clamp(2.1rem,6vw,3.4rem)] leading-[1.12]">The end</PageHeading>
      </div>
      <ul aria-label="What went well" className="flex flex-col gap-2 text-left text-lg">
        {endInWords(ending).map((line) => (
          <li key={line} className="flex items-start gap-3">
            <Check aria-hidden className="mt-1 size-5 shrink-0 text-right" /> {line}
          </li>
        ))}
      </ul>
      {ending.sound !== null && <SoundToPractise sound={ending.sound} />}
      <div className="flex flex-wrap justify-center gap-3">
        <Button onClick={onAgain}><RotateCcw aria-hidden size={20} /> Read it again</Button>
        <ButtonLink to="/stories" look="primary"><BookHeart aria-hidden size={20} /> Choose another</ButtonLink>
      </div>
    </div>
  );
}

function SoundToPractise({ sound }: { readonly sound: string }) {
  const known = SOUNDS[sound];
  if (known === undefined) return null;
  return (
    <ChoiceLink
      named={{ choice: { sound }, name: known.name }}
      className="flex w-full items-center justify-between gap-4 rounded-card border border-line bg-raised p-5 text-left no-underline transition-colors duration-150 hover:border-accent hover:bg-accent-soft"
    >
      <span>
        <span className="block text-quiet">A sound to practise</span>
        <span className="block text-lg font-bold first-letter:uppercase">{known.name}</span>
        <span className="block">as in <em className="font-bold not-italic">{known.keyword}</em></span>
      </span>
      <ArrowRight aria-hidden className="shrink-0 text-accent" />
    </ChoiceLink>
  );
}
