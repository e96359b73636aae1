import { Loading } from "../../components/Loading";
import { PageHeader } from "../../components/PageHeader";
import { Trouble } from "../../components/Trouble";
import { VisuallyHidden } from "../../components/VisuallyHidden";
import type { SoundTopic } from "../../services/api/practice";
import { ChoiceLink } from "./ChoiceLink";
import { families, lettersOf, type Family } from "./soundGroups";
import { useTopics } from "./useTopics";

export default function SoundsPage() {
  const { data, error, isPending, refetch } = useTopics();
  return (
    <div className="flex flex-col gap-9">
      <PageHeader title="Choose a sound">Every sentence you get then has it at least twice.</PageHeader>
      {isPending && <Loading what="Getting the sounds" />}
      {error !== null && <Trouble error={error} again={refetch} />}
      {families(data?.sounds ?? []).map((family) => <FamilyOfSounds key={family.name} family={family} />)}
    </div>
  );
}

function FamilyOfSounds({ family: { name, sounds } }: { readonly family: Family }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-xl">{name}</h2>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))] gap-3">
        {sounds.map((topic) => <Tile key={topic.sound} topic={topic} />)}
      </ul>
    </section>
  );
}

function Tile({ topic }: { readonly topic: SoundTopic }) {
  return (
    <li>
      <ChoiceLink
        named={{ choice: { sound: topic.sound }, name: topic.name }}
        className="flex h-full min-h-28 flex-col items-center justify-center gap-0.5 rounded-2xl border border-line bg-raised p-3 text-center no-underline transition-colors duration-150 hover:border-accent hover:bg-accent-soft"
      >
        <span aria-hidden className="text-4xl leading-tight font-bold text-accent">{lettersOf(topic)}</span>
        <span><VisuallyHidden>{topic.name}, as in </VisuallyHidden>{topic.keyword}</span>
        <span aria-hidden className="text-sm text-quiet">/{topic.ipa}/</span>
      </ChoiceLink>
    </li>
  );
}
