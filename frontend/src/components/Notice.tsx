import { CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";

import { classes } from "./classes";

type NoticeProps = {
  readonly tone?: "note" | "trouble";
  readonly children: ReactNode;
  /** What can be done about it. */
  readonly action?: ReactNode;
  readonly className?: string;
};

/**
 * What happened, what is safe, what to do: in its place on the page, never over it. Trouble is read out when it comes; a
 * note only inside of something that was there before and is `role="status"`, as screen readers want it.
 */
export function Notice({ tone = "note", children, action, className }: NoticeProps) {
  const trouble = tone === "trouble";
  const Icon = trouble ? CircleAlert : Info;
  return (
    <div
      role={trouble ? "alert" : undefined}
      className={classes("flex flex-wrap items-center gap-x-4 gap-y-3 rounded-2xl px-5 py-4", trouble ? "bg-wrong-soft" : "bg-sunk", className)}
    >
      <p className="flex min-w-0 flex-1 basis-60 items-start gap-3">
        <Icon aria-hidden className={classes("mt-0.5 shrink-0", trouble ? "text-danger" : "text-quiet")} />
        <span>{children}</span>
      </p>
      {action}
    </div>
  );
}
