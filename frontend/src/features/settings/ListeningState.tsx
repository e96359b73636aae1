import { CircleCheck } from "lucide-react";
import { useId, useSyncExternalStore } from "react";

import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { useListening } from "../../contexts/ListeningContext";
import type { ListeningProblem } from "../../services/listening/problem";
import { inMegabytes, inPercent } from "./amounts";

/** How far this browser is with listening by itself; nothing when nobody wants it to. */
export function ListeningState() {
  const { state } = useListening();
  return (
    <>
      <output data-listening={state === "ready" ? "ready" : undefined} className="flex items-start gap-3 empty:-mt-7">
        {state === "ready" && (
          <>
            <CircleCheck aria-hidden className="mt-0.5 shrink-0 text-right" /> Ready: this device listens by itself, also without a network.
          </>
        )}
      </output>
      <NotReady />
    </>
  );
}

function NotReady() {
  const { state, problem, retry } = useListening();
  switch (state) {
    case "off":
    case "ready":
      return null;
    case "loading":
      return <LoadingBar />;
    case "unable":
      return <Notice tone="trouble">{PROBLEMS[problem ?? "unsupported"]}</Notice>;
    case "failed":
      return <Notice tone="trouble" action={<Button onClick={retry}>Try again</Button>}>{PROBLEMS[problem ?? "cannot_run"]}</Notice>;
  }
}

const PROBLEMS: Readonly<Record<ListeningProblem, string>> = {
  insecure: "This browser cannot listen by itself, because the address of this page does not begin with https. The server listens instead.",
  unsupported: "This browser cannot listen by itself: it lacks what the model runs on. A newer browser can; until then the server listens.",
  unreachable: "The listening model could not be loaded, because the server was out of reach. What is here already is kept.",
  not_installed: "This server has no listening model for browsers. It listens itself instead.",
  damaged: "The listening model did not arrive as it was sent, so it is not used. Loading it again usually helps.",
  cannot_run: "The listening model did not start on this device. It may be short of memory: close other pages and try again. Until then the server listens.",
};

function LoadingBar() {
  const id = useId();
  const { progress } = useListening();
  const { loaded, whole } = useSyncExternalStore(progress.subscribe, progress.get);
  const isAll = whole > 0 && loaded >= whole;
  return (
    <div data-listening="loading" className="flex flex-col gap-2">
      <label htmlFor={id} className="flex flex-wrap justify-between gap-x-4">
        <span>{isAll ? "Starting the listening model" : "Loading the listening model"}</span>
        {whole > 0 && <span className="text-quiet tabular-nums">{inPercent(loaded, whole)}, {inMegabytes(loaded)} of {inMegabytes(whole)} MB</span>}
      </label>
      <progress
        id={id}
        {...(whole > 0 && { value: loaded, max: whole })}
        className="h-3 w-full appearance-none overflow-hidden rounded-full border-0 bg-sunk [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-accent"
      />
    </div>
  );
}
