import { classes } from "../../components/classes";
import { VisuallyHidden } from "../../components/VisuallyHidden";
import type { SoundTopic } from "../../services/api/practice";
import { SOUND_STATES, type SoundProgress, type SoundState } from "../../services/api/progress";
import { ChoiceLink } from "../home/ChoiceLink";
import { lettersOf } from "../home/soundGroups";
import { STATES_IN_WORDS, triesInWords } from "./numbers";
import { StateMark } from "./StateMark";

type SoundsProps = { readonly sounds: readonly SoundProgress[]; readonly topics: readonly SoundTopic[] };

/** All 39 sounds by how they go. Each leads to sentences with it. */
export function Sounds({ sounds, topics }: SoundsProps) {
  return (
    <section aria-labelledby="sounds" className="flex flex-col gap-6">
      <div>
        <h2 id="sounds" className="text-xl">The {sounds.length} sounds of English</h2>
        <p className="text-quiet">Mastered means: at least 19 of the latest 20 were right. Choose any one to practise it.</p>
      </div>
      {SOUND_STATES.map((state) => (
        <InState key={state} state={state} sounds={sounds.filter((one) => one.state === state)} topics={topics} />
      ))}
    </section>
  );
}

function InState({ state, sounds, topics }: SoundsProps & { readonly state: SoundState }) {
  if (sounds.length === 0) return null;
  const words = STATES_IN_WORDS[state];
  return (
    <section aria-label={words} className="flex flex-col gap-3">
      <h3 className="flex items-center gap-2">
        <StateMark state={state} />
        <span className="first-letter:uppercase">{words}</span>
        <span className="font-normal text-quiet">{sounds.length}</span>
      </h3>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-2.5">
        {sounds.map((one) => <Sound key={one.sound} progress={one} topic={topics.find(({ sound }) => sound === one.sound)} />)}
      </ul>
    </section>
  );
}

const FRAMES: Readonly<Record<SoundState, string>> = {
  mastered: "border-right bg-right-soft",
  growing: "border-wrong bg-wrong-soft",
  not_enough: "border-dotted border-edge bg-raised",
  new: "border-dashed border-edge",
};

function Sound({ progress, topic }: { readonly progress: SoundProgress; readonly topic: SoundTopic | undefined }) {
  const name = topic?.name ?? progress.sound;
  const tries = triesInWords(progress);
  return (
    <li>
      <ChoiceLink
        named={{ choice: { sound: progress.sound }, name }}
        className={classes(
          "flex h-full min-h-20 flex-col gap-1 rounded-2xl border-2 px-3 py-2 no-underline hover:border-solid hover:border-accent",
          FRAMES[progress.state],
        )}
      >
        <span aria-hidden className="flex items-center justify-between gap-1">
          <span className="text-2xl font-bold">{topic === undefined ? progress.sound : lettersOf(topic)}</span>
          <StateMark state={progress.state} />
        </span>
        <span className="text-sm leading-tight">
          <VisuallyHidden>{name}, as in </VisuallyHidden>
          {topic?.keyword}
          <VisuallyHidden>, {STATES_IN_WORDS[progress.state]}, </VisuallyHidden>
          {progress.expected > 0 && <span className="block text-quiet">{tries}</span>}
        </span>
      </ChoiceLink>
    </li>
  );
}
