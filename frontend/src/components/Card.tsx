import type { ComponentProps } from "react";

import { classes } from "./classes";

/** A sheet of paper that lies on the page. */
export function Card({ className, ...rest }: ComponentProps<"div">) {
  return <div className={classes("rounded-card border border-line bg-raised p-5 shadow-page sm:p-7", className)} {...rest} />;
}
