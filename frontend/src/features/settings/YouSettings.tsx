import { useState } from "react";
import { useNavigate } from "react-router";

import { Button } from "../../components/Button";
import { ButtonLink } from "../../components/ButtonLink";
import { useSession } from "../../contexts/SessionContext";
import type { User } from "../../services/api/account";
import { Group } from "./Group";

export function YouSettings({ user }: { readonly user: User }) {
  return (
    <Group name="You">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <div>
          <p className="text-lg font-bold">{user.guest ? "A guest" : user.username}</p>
          <p className="text-sm text-quiet">
            {user.guest ? "Known on this device only. With an account you can come back from any other." : "Signing out ends it on all your devices."}
          </p>
        </div>
        {user.guest ? <ButtonLink to="/sign-up?next=/settings">Keep what you have read</ButtonLink> : <SignOut />}
      </div>
    </Group>
  );
}

function SignOut() {
  const { signOut } = useSession();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    await signOut();
    await navigate("/");
  };
  return <Button disabled={busy} onClick={() => void leave()}>Sign out</Button>;
}
