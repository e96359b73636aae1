import type { Analysis } from "../../hooks/analysisReducer";

/** The same id for a reading that the server may have; another one where it has refused the first for good. Pure. */
export function idFor({ requestId, problem }: Pick<Analysis, "requestId" | "problem">): string | undefined {
  return requestId === null || problem?.retryable === false ? undefined : requestId;
}
