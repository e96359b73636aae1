import { Loading } from "../../components/Loading";
import { PageHeader } from "../../components/PageHeader";
import { Trouble } from "../../components/Trouble";
import type { StoryTopic } from "../../services/api/practice";
import { ChoiceLink } from "./ChoiceLink";
import { useTopics } from "./useTopics";

export default function StoriesPage() {
  const { data, error, isPending, refetch } = useTopics();
  return (
    <div className="flex flex-col gap-8">
      <PageHeader title="Choose a story">Each is told in a few sentences. You can stop anywhere, and go on where you were.</PageHeader>
      {isPending && <Loading what="Getting the stories" />}
      {error !== null && <Trouble error={error} again={refetch} />}
      <ul className="grid gap-4 sm:grid-cols-2">
        {(data?.stories ?? []).map((topic) => <Told key={topic.story} topic={topic} />)}
      </ul>
    </div>
  );
}

function Told({ topic: { story, title, level, sentences } }: { readonly topic: StoryTopic }) {
  return (
    <li>
      <ChoiceLink
        named={{ choice: { story }, name: title }}
        className="flex h-full flex-col gap-1 rounded-card border border-line bg-raised p-5 no-underline transition-colors duration-150 hover:border-accent hover:bg-accent-soft sm:p-6"
      >
        <span className="text-xl font-bold text-accent">{title}</span>
        <span className="text-quiet">Level {level}, {sentences} sentences</span>
      </ChoiceLink>
    </li>
  );
}
