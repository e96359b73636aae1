import { Check } from "lucide-react";

import { Notice } from "../../components/Notice";
import { PageHeading, PageTitle } from "../../components/PageHeader";
import { useSession } from "../../contexts/SessionContext";
import type { Goodbye } from "../../contexts/sessionState";
import { Entrance } from "../auth/Entrance";
import { Picture } from "./Picture";

const GOODBYES: Readonly<Record<Goodbye, string | null>> = {
  "never-here": null,
  "signed-out": "You are signed out. Come back soon.",
  expired: "You were here for a while, so please come in again. Nothing is lost.",
  deleted: "Your account and everything in it are deleted. Come back whenever you like.",
};

/** For somebody who is not signed in: what this is, and the way in. */
export function Welcome() {
  const goodbye = GOODBYES[useSession().why];
  return (
    <div className="flex flex-1 flex-col gap-8">
      <PageTitle title="Sound It Out" />
      {goodbye !== null && <Notice>{goodbye}</Notice>}
      <div className="grid flex-1 items-center gap-x-14 gap-y-10 lg:grid-cols-[1.15fr_1fr]">
        <div className="flex flex-col gap-8">
          <PageHeading className="text-[clamp(2.1rem,6vw,3.4rem)] leading-[1.12]">Read aloud, and see at once which sounds were right.</PageHeading>
          <Entrance />
        </div>
        <div className="flex max-w-lg flex-col gap-6">
          <Picture />
          <Example />
        </div>
      </div>
      <p className="text-quiet">Your voice stays on this server. Nobody else gets to hear it.</p>
    </div>
  );
}

/** What a reading looks like afterwards. */
function Example() {
  return (
    <figure className="flex flex-col gap-2">
      <p aria-hidden className="flex flex-wrap items-baseline gap-x-[0.35em] text-[clamp(1.5rem,4.500vw,2.1rem)] leading-snug">
        <Right>The</Right>
        <span className="inline-flex items-start gap-0.5">
          <span className="mark-wrong">ship</span>
          <span className="text-[0.7em] leading-none font-bold text-wrong">~</span>
        </span>
        <Right>is</Right>
        <Right>home.</Right>
      </p>
      <figcaption className="text-quiet">
        Heard in <strong className="text-ink">ship</strong>: <q>sip</q>. Put your lips forward and let the air rush: <q>sh</q>, ship.
      </figcaption>
    </figure>
  );
}

function Right({ children }: { readonly children: string }) {
  return (
    <span className="inline-flex items-start gap-0.5">
      <span className="mark-right">{children}</span>
      <Check className="mt-1 size-4 text-right" />
    </span>
  );
}
