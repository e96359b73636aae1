import { CircleDashed, CloudOff, Radio, Waypoints, type LucideIcon } from "lucide-react";
import { Popover } from "radix-ui";

import { classes } from "../../components/classes";
import type { TransportStatus } from "../../services/audioTransport";
import { connectionWords, keptWords, type ConnectionWords } from "./connection";

const ICONS: Readonly<Record<ConnectionWords["tone"], LucideIcon>> = {
  live: Radio,
  steady: Waypoints,
  mending: CircleDashed,
  away: CloudOff,
};
const COLOURS: Readonly<Record<ConnectionWords["tone"], string>> = {
  live: "text-right",
  steady: "text-right",
  mending: "text-wrong",
  away: "text-quiet",
};

type ConnectionPillProps = {
  readonly status: TransportStatus;
  /** Readings that wait to be sent. */
  readonly waiting: number;
  /** Over an open line words light up. */
  readonly liveWords: boolean;
};

/** How this page is connected; it explains itself when somebody asks. */
export function ConnectionPill({ status, waiting, liveWords }: ConnectionPillProps) {
  const { tone, name, explained } = connectionWords(status, liveWords);
  const Icon = ICONS[tone];
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`Connection: ${name}`}
        data-connection={name}
        className="inline-flex min-h-11 items-center gap-2 rounded-full px-3 text-base hover:bg-sunk max-sm:gap-1.5 max-sm:px-2 max-sm:text-sm"
      >
        <Icon aria-hidden size={20} className={classes("shrink-0", COLOURS[tone])} />
        {name}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          sideOffset={8}
          collisionPadding={16}
          aria-label="About the connection"
          className="z-50 w-[min(22rem,calc(100vw-2rem))] rounded-2xl border border-line bg-raised p-5 text-ink shadow-page"
        >
          <p>{explained}</p>
          {waiting > 0 && <p className="mt-3 font-bold">{keptWords(waiting)}</p>}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
