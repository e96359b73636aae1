import { createContext, use, useMemo, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";

type Place = { readonly element: HTMLElement | null; readonly setElement: (element: HTMLElement | null) => void };

const PlaceContext = createContext<Place>({ element: null, setElement: () => undefined });

/** Around the header and the page. */
export function HeaderSlots({ children }: { readonly children: ReactNode }) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const place = useMemo(() => ({ element, setElement }), [element]);
  return <PlaceContext value={place}>{children}</PlaceContext>;
}

/** A place in the header that the shown page may fill, with `HeaderSlot`. */
export function HeaderSlotPlace() {
  const { setElement } = use(PlaceContext);
  return <div ref={setElement} className="flex min-w-0 items-center gap-2" />;
}

/** Shows its children in the header as long as it is mounted: a connection's state, what is being practised. */
export function HeaderSlot({ children }: { readonly children: ReactNode }) {
  const { element } = use(PlaceContext);
  return element === null ? null : createPortal(children, element);
}
