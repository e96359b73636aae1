import { useQuery } from "@tanstack/react-query";

import { useSession } from "../../contexts/SessionContext";
import { getTopics } from "../../services/api/practice";

/** The sounds and the levels; they change only with the server. */
export function useTopics() {
  const { token } = useSession();
  return useQuery({
    queryKey: ["topics"],
    queryFn: ({ signal }) => getTopics({ token: token ?? undefined, signal }),
    staleTime: Infinity,
  });
}
