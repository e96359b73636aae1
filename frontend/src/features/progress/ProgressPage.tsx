import { useQuery } from "@tanstack/react-query";

import { ButtonLink } from "../../components/ButtonLink";
import { Card } from "../../components/Card";
import { Loading } from "../../components/Loading";
import { PageHeader } from "../../components/PageHeader";
import { Trouble } from "../../components/Trouble";
import { useSession } from "../../contexts/SessionContext";
import { ENOUGH_READINGS, getProgress, type Progress } from "../../services/api/progress";
import { useTopics } from "../home/useTopics";
import { Objected } from "./Objected";
import { PractiseNext } from "./PractiseNext";
import { readingsInWords } from "./numbers";
import { OverTime } from "./OverTime";
import { Sounds } from "./Sounds";

const DAYS = 90;

export default function ProgressPage() {
  const { token } = useSession();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["progress", DAYS],
    queryFn: ({ signal }) => getProgress(DAYS, { token: token ?? undefined, signal }),
    staleTime: 0, // somebody may come here straight from a reading
  });
  return (
    <div className="flex flex-col gap-10">
      <PageHeader title="Your progress">{data?.enough === true && `${readingsInWords(data.readings)} so far.`}</PageHeader>
      {isPending && <Loading what="Adding up what you have read" />}
      {error !== null && <Trouble error={error} again={refetch} />}
      {data !== undefined && <Shown progress={data} />}
    </div>
  );
}

function Shown({ progress }: { readonly progress: Progress }) {
  const topics = useTopics().data?.sounds ?? [];
  return (
    <>
      {progress.enough ? <OverTime days={progress.days} /> : <NotEnough readings={progress.readings} />}
      <PractiseNext suggestions={progress.practiseNext} sounds={progress.sounds} topics={topics} />
      <Sounds sounds={progress.sounds} topics={topics} />
      {progress.readings > 0 && <Objected />}
    </>
  );
}

/** Few numbers would be accidents; nobody is told those. */
function NotEnough({ readings }: { readonly readings: number }) {
  const missing = Math.max(1, ENOUGH_READINGS - readings);
  return (
    <Card className="flex flex-col items-start gap-5">
      <div>
        <h2 className="text-xl">Not enough readings yet</h2>
        <p className="max-w-[60ch] text-quiet">
          {readings === 0 ? "You have not read anything yet." : `You have ${readingsInWords(readings)}.`}{" "}
          After {missing === 1 ? "one more" : `${missing} more`} there is something true to say about how it goes.
        </p>
      </div>
      <ButtonLink to="/practice" look="primary">Read something</ButtonLink>
    </Card>
  );
}
