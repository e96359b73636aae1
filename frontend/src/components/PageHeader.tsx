import { useEffect, useRef, type ReactNode } from "react";

const APP = "Sound It Out";

/** The name of a page: in the tab, and as its heading, which gets the focus when somebody comes from another page. */
export function PageHeader({ title, children, hidden = false }: { readonly title: string; readonly children?: ReactNode; readonly hidden?: boolean }) {
  return (
    <header className={hidden ? "sr-only" : "flex flex-col gap-2"}>
      <PageTitle title={title} />
      <PageHeading>{title}</PageHeading>
      {children !== undefined && <div className="max-w-[60ch] text-lg text-quiet">{children}</div>}
    </header>
  );
}

/** What the browser's tab says. */
export function PageTitle({ title }: { readonly title: string }) {
  return <title>{title === APP ? APP : `${title} · ${APP}`}</title>;
}

/** The page's only `h1`. */
export function PageHeading({ children, className = "text-title" }: { readonly children: ReactNode; readonly className?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Not on the first page: there the browser begins at the top by itself.
    if (document.documentElement.dataset["visited"] === "true") heading.current?.focus({ preventScroll: true });
    document.documentElement.dataset["visited"] = "true";
  }, []);
  return <h1 ref={heading} tabIndex={-1} className={className}>{children}</h1>;
}
