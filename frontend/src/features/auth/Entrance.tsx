import { useState } from "react";
import { useLocation, useNavigate } from "react-router";

import { Button } from "../../components/Button";
import { ButtonLink } from "../../components/ButtonLink";
import { Notice } from "../../components/Notice";
import { useSession } from "../../contexts/SessionContext";
import { messageOf } from "../../services/api/http";

/** The ways in. With `stay`, somebody who comes in is left where they are; else they begin to read. */
export function Entrance({ stay = false }: { readonly stay?: boolean }) {
  const { continueAsGuest } = useSession();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");

  const tryIt = async () => {
    setBusy(true);
    setTrouble("");
    try {
      await continueAsGuest();
      if (!stay) await navigate("/practice");
    } catch (error) {
      setTrouble(messageOf(error));
      setBusy(false);
    }
  };
  const next = stay ? `?next=${encodeURIComponent(pathname + search)}` : "";
  return (
    <div className="flex flex-col items-start gap-4">
      <Button look="primary" size="large" disabled={busy} onClick={() => void tryIt()}>
        {busy ? "One moment" : "Try it now"}
      </Button>
      {trouble !== "" && <Notice tone="trouble">{trouble}</Notice>}
      <p className="text-quiet">No account is needed.</p>
      <div className="flex flex-wrap gap-3">
        <ButtonLink to={`/sign-in${next}`}>Sign in</ButtonLink>
        <ButtonLink to={`/sign-up${next}`} look="quiet">Make an account</ButtonLink>
      </div>
    </div>
  );
}
