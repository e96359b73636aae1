/**
 * Why a browser does not listen. insecure, unsupported: it cannot, ever. The others may be over the next time:
 * the server was not reached, has no models, or gave something else; the models did not start.
 */
export type ListeningProblem = "insecure" | "unsupported" | "unreachable" | "not_installed" | "damaged" | "cannot_run";

export class CannotListen extends Error {
  readonly problem: ListeningProblem;

  constructor(problem: ListeningProblem) {
    super(`This browser does not listen: ${problem}.`);
    this.name = "CannotListen";
    this.problem = problem;
  }
}

/** Anything that was thrown on the way, as a problem. */
export function problemIn(error: unknown): ListeningProblem {
  if (error instanceof CannotListen) return error.problem;
  return error instanceof TypeError ? "unreachable" : "cannot_run"; // what a fetch without a network throws
}

/** As much of a browser as is looked at. */
export type Browser = {
  readonly isSecureContext?: boolean | undefined;
  readonly Worker?: unknown;
  readonly OfflineAudioContext?: unknown;
  readonly WebAssembly?: { readonly validate: (code: Uint8Array<ArrayBuffer>) => boolean } | undefined;
};

/** A function with one instruction on 128-bit vectors, which the runtime is made of. */
const VECTORS = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** Why this browser can never listen here; null: it can try. Pure. */
export function inability({ isSecureContext, Worker, OfflineAudioContext, WebAssembly }: Browser): ListeningProblem | null {
  if (isSecureContext !== true) return "insecure"; // the models could be neither checked nor kept
  const hasAll = Worker !== undefined && OfflineAudioContext !== undefined && WebAssembly?.validate(VECTORS) === true;
  return hasAll ? null : "unsupported";
}
