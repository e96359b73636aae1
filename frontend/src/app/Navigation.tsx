import { Activity, BookOpen, ChartSpline, House, LogIn, Settings, type LucideIcon } from "lucide-react";
import { NavLink } from "react-router";

import { classes } from "../components/classes";
import { useSession } from "../contexts/SessionContext";

type Place = { readonly to: string; readonly name: string; readonly icon: LucideIcon };

const HOME: Place = { to: "/", name: "Home", icon: House };
const SETTINGS: Place = { to: "/settings", name: "Settings", icon: Settings };
const FOR_READERS: readonly Place[] = [
  HOME,
  { to: "/practice", name: "Read", icon: BookOpen },
  { to: "/progress", name: "Progress", icon: ChartSpline },
  SETTINGS,
];
const FOR_ADMINS: readonly Place[] = [...FOR_READERS, { to: "/operations", name: "Operations", icon: Activity }];
const FOR_STRANGERS: readonly Place[] = [HOME, SETTINGS, { to: "/sign-in", name: "Sign in", icon: LogIn }];

export function Navigation() {
  const { token, user } = useSession();
  const places = token === null ? FOR_STRANGERS : user?.admin === true ? FOR_ADMINS : FOR_READERS;
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-raised pb-[env(safe-area-inset-bottom)] lg:static lg:border-0 lg:bg-transparent lg:pb-0"
    >
      <ul className="mx-auto flex max-w-lg justify-around gap-1 px-2 lg:max-w-none">
        {places.map(({ to, name, icon: Icon }) => (
          <li key={to} className="min-w-0 flex-1 lg:flex-none">
            <NavLink
              to={to}
              end={to === "/"}
              className={classes("flex min-h-16 flex-col items-center justify-center gap-1 rounded-xl px-1 leading-none text-quiet no-underline transition-colors duration-150 hover:text-ink aria-[current=page]:font-bold aria-[current=page]:text-accent lying:min-h-12 lying:flex-row lying:gap-2 lg:min-h-11 lg:flex-row lg:gap-2 lg:px-3.5 lg:text-base! lg:hover:bg-sunk lg:aria-[current=page]:bg-accent-soft", places.length > 4 ? "text-[min(0.875rem,3.1vw)]" : "text-[min(0.875rem,3.9vw)]")}
            >
              <Icon aria-hidden size={22} />
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
