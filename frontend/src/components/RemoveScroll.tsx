import type { ComponentType, ReactNode } from "react";

type RemoveScrollProps = {
  readonly as?: ComponentType<{ readonly children?: ReactNode }>;
  readonly children?: ReactNode;
};

/**
 * Stands in for the package "react-remove-scroll" (see vite.config.ts), which writes styles into the page; the page's
 * security policy allows styles from files only. styles/base.css keeps the page still under a scrim instead.
 */
export function RemoveScroll({ as: Container, children }: RemoveScrollProps) {
  return Container === undefined ? children : <Container>{children}</Container>;
}
