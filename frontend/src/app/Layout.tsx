import { useEffect, useRef } from "react";
import { Link, Outlet, useLocation } from "react-router";

import { HeaderSlots, HeaderSlotPlace } from "../components/HeaderSlot";
import { Mark } from "./Mark";
import { Navigation } from "./Navigation";
import { OfflineNote } from "./OfflineNote";

/** What surrounds every page. On phones the navigation lies at the bottom, under the thumb. */
export function Layout() {
  useTopOfEachPage(useLocation().pathname);
  return (
    <HeaderSlots>
      <div className="mx-auto flex min-h-dvh max-w-5xl flex-col px-5 sm:px-8">
        <a
          href="#main"
          className="fixed top-2 left-2 z-50 -translate-y-24 rounded-full bg-accent px-5 py-3 font-bold text-on-accent focus:translate-y-0"
        >
          Skip to the page
        </a>
        <header className="flex min-h-16 flex-wrap items-center gap-x-4 gap-y-1 py-3 sm:py-5 lying:min-h-12 lying:py-1">
          <Link to="/" className="mr-auto flex min-h-11 items-center gap-2.5 rounded-xl text-xl font-bold no-underline">
            <Mark /> Sound It Out
          </Link>
          <HeaderSlotPlace />
          <Navigation />
        </header>
        <OfflineNote />
        <main id="main" tabIndex={-1} className="flex flex-1 flex-col pt-3 pb-28 focus:outline-none sm:pt-6 lg:pb-16 lying:pt-0">
          <Outlet />
        </main>
      </div>
    </HeaderSlots>
  );
}

/** A page begins at its top; only a change of the query leaves it where it is. */
function useTopOfEachPage(pathname: string): void {
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    globalThis.scrollTo(0, 0);
  }, [pathname]);
}
