import { useQuery } from "@tanstack/react-query";

import { Loading } from "../../components/Loading";
import { Notice } from "../../components/Notice";
import { PageHeader } from "../../components/PageHeader";
import { Trouble } from "../../components/Trouble";
import { useSession } from "../../contexts/SessionContext";
import { getFigures, getRollout } from "../../services/api/operations";
import { Counts } from "./Counts";
import { History } from "./History";
import { Metrics } from "./Metrics";
import { RolloutState } from "./RolloutState";

const EVERY_MS = 4000; // stands still while the page is hidden

export default function OperationsPage() {
  const { user } = useSession();
  return (
    <div className="flex flex-col gap-10">
      <PageHeader title="Operations" />
      {user === null ? <Loading what="Looking who you are" /> : user.admin === true ? <Shown /> : <Notice>This page is for those who run this server.</Notice>}
    </div>
  );
}

function Shown() {
  const { token } = useSession();
  const rollout = useQuery({
    queryKey: ["operations", "rollout"],
    queryFn: ({ signal }) => getRollout({ token: token ?? undefined, signal }),
    staleTime: 0,
    refetchInterval: EVERY_MS,
  });
  const figures = useQuery({
    queryKey: ["operations", "figures"],
    queryFn: ({ signal }) => getFigures({ token: token ?? undefined, signal }),
    staleTime: 0,
    refetchInterval: EVERY_MS,
  });
  return (
    <>
      {(rollout.isPending || figures.isPending) && <Loading what="Asking the server" />}
      {rollout.error !== null && <Trouble error={rollout.error} again={rollout.refetch} />}
      {figures.error !== null && <Trouble error={figures.error} again={figures.refetch} />}
      {rollout.data !== undefined && <RolloutState rollout={rollout.data} />}
      {rollout.data !== undefined && <Metrics rollout={rollout.data} />}
      {figures.data !== undefined && <Counts figures={figures.data} at={figures.dataUpdatedAt} />}
      {rollout.data !== undefined && <History changes={rollout.data.history} />}
    </>
  );
}
