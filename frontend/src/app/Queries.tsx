import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useMemo, type ReactNode } from "react";

import { useSession } from "../contexts/SessionContext";
import { ApiError } from "../services/api/http";

const TRIES = 2;
const FRESH_MS = 30_000; // what the server knows of a reader changes by reading, after which it is asked again anyway
const UNAUTHORIZED = 401;

/** The server's answers, kept per token: nobody sees what belongs to somebody else. */
export function Queries({ children }: { readonly children: ReactNode }) {
  const { token, refused } = useSession();
  const client = useMemo(() => queryClient((error) => {
    if (token !== null && error instanceof ApiError && error.status === UNAUTHORIZED) refused(token);
  }), [token, refused]);
  useEffect(() => () => { client.clear(); }, [client]);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

function queryClient(failed: (error: unknown) => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: failed }),
    mutationCache: new MutationCache(),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < TRIES && error instanceof ApiError && error.retryable,
      },
    },
  });
}
