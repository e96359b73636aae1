import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useMemo, type ReactNode } from "react";

import { useSession } from "../contexts/SessionContext";
import { ApiError } from "../services/api/http";

const TRIES = 2;
const FRESH_MS = 30_000; // what the server knows of a reader changes by reading, after which it is asked again anyway
const UNAUTHORIZED = 401;

/** The server's answers, kept per user: nobody sees what belongs to somebody else. */
export function Queries({ children }: { readonly children: ReactNode }) {
  const { user, token, refused } = useSession();
  const owner = user?.id ?? null;
  const client = useMemo(() => clientOf(owner), [owner]);
  useEffect(() => () => { client.clear(); }, [client]);
  useEffect(
    () =>
      client.getQueryCache().subscribe((happened) => {
        if (token === null || happened.type !== "updated" || happened.action.type !== "error") return;
        if (isUnauthorized(happened.action.error)) refused(token);
      }),
    [client, token, refused],
  );
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === UNAUTHORIZED;
}

function clientOf(owner: number | null): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        meta: { owner },
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < TRIES && error instanceof ApiError && error.retryable,
      },
    },
  });
}
