import { Link, type LinkProps } from "react-router";

import { buttonStyle, type ButtonStyle } from "./buttonStyle";

/** Somewhere to go, looking like a button. */
export function ButtonLink({ look, size, className, ...rest }: LinkProps & ButtonStyle & { readonly className?: string }) {
  return <Link className={buttonStyle({ look, size, className })} {...rest} />;
}
