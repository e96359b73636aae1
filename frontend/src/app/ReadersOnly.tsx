import { Outlet } from "react-router";

import { PageHeader } from "../components/PageHeader";
import { useSession } from "../contexts/SessionContext";
import { Entrance } from "../features/auth/Entrance";

/** Pages that belong to somebody. A stranger is asked in, and is then where they wanted to be. */
export function ReadersOnly() {
  const { token, why } = useSession();
  if (token !== null) return <Outlet />;
  return (
    <div className="flex flex-col items-start gap-8 py-6">
      <PageHeader title="Who is reading?">
        {why === "expired"
          ? "You were here for a while, so please come in again. What you have read is kept."
          : "Your readings are kept apart from everybody else's, so this page has to know whose they are."}
      </PageHeader>
      <Entrance stay />
    </div>
  );
}
