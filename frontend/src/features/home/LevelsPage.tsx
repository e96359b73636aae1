import { Loading } from "../../components/Loading";
import { PageHeader } from "../../components/PageHeader";
import { Trouble } from "../../components/Trouble";
import type { LevelTopic } from "../../services/api/practice";
import { ChoiceLink } from "./ChoiceLink";
import { useTopics } from "./useTopics";

export default function LevelsPage() {
  const { data, error, isPending, refetch } = useTopics();
  return (
    <div className="flex flex-col gap-8">
      <PageHeader title="Choose a level">Begin where it is easy. You can always come back and change it.</PageHeader>
      {isPending && <Loading what="Getting the levels" />}
      {error !== null && <Trouble error={error} again={refetch} />}
      <ol className="flex max-w-3xl flex-col gap-4">
        {(data?.levels ?? []).map((topic) => <Step key={topic.level} topic={topic} />)}
      </ol>
    </div>
  );
}

function Step({ topic: { level, what, sentences } }: { readonly topic: LevelTopic }) {
  return (
    <li>
      <ChoiceLink
        named={{ choice: { level }, name: `level ${level}` }}
        className="flex items-center gap-5 rounded-card border border-line bg-raised p-5 no-underline transition-colors duration-150 hover:border-accent hover:bg-accent-soft"
      >
        <span className="grid size-14 shrink-0 place-items-center rounded-full bg-accent-soft text-2xl font-bold text-accent-deep">
          <span className="sr-only">Level </span>{level}
        </span>
        <span>
          <span className="block text-lg font-bold">{what}</span>
          <span className="text-quiet">{sentences} sentences</span>
        </span>
      </ChoiceLink>
    </li>
  );
}
