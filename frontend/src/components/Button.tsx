import type { ComponentProps } from "react";

import { buttonStyle, type ButtonStyle } from "./buttonStyle";

export type ButtonProps = ComponentProps<"button"> & ButtonStyle;

/** Something to do. A button with an icon alone needs an `aria-label`. */
export function Button({ look, size, className, type = "button", ...rest }: ButtonProps) {
  // `type` is one of three words, never absent.
  // oxlint-disable-next-line react/button-has-type
  return <button type={type} className={buttonStyle({ look, size, className })} {...rest} />;
}
