import { ArrowRight } from "lucide-react";

import type { SoundTopic } from "../../services/api/practice";
import type { SoundProgress, Suggestion } from "../../services/api/progress";
import { ChoiceLink } from "../home/ChoiceLink";
import { reasonInWords } from "./numbers";

type PractiseNextProps = {
  readonly suggestions: readonly Suggestion[];
  readonly sounds: readonly SoundProgress[];
  readonly topics: readonly SoundTopic[];
};

/** What helps most now. */
export function PractiseNext({ suggestions, sounds, topics }: PractiseNextProps) {
  if (suggestions.length === 0) return null;
  return (
    <section aria-labelledby="next" className="flex flex-col gap-4">
      <h2 id="next" className="text-xl">What to practise next</h2>
      <ul className="grid gap-3 md:grid-cols-3">
        {suggestions.map(({ sound, name, reason }) => {
          const keyword = topics.find((topic) => topic.sound === sound)?.keyword;
          return (
            <li key={sound}>
              <ChoiceLink
                named={{ choice: { sound }, name }}
                className="flex h-full items-center justify-between gap-4 rounded-card border border-line bg-raised p-5 no-underline transition-colors duration-150 hover:border-accent hover:bg-accent-soft"
              >
                <span>
                  <span className="block text-lg font-bold first-letter:uppercase">{name}</span>
                  {keyword !== undefined && <span className="block">as in <em className="font-bold not-italic">{keyword}</em></span>}
                  <span className="text-quiet">{reasonInWords(reason, sounds.find((one) => one.sound === sound))}</span>
                </span>
                <ArrowRight aria-hidden className="shrink-0 text-accent" />
              </ChoiceLink>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
