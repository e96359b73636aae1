import { useState, type SubmitEvent } from "react";
import { useNavigate } from "react-router";

import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { FieldError } from "../../components/Field";
import { useKept } from "../../contexts/KeptTakesContext";
import { useSession } from "../../contexts/SessionContext";
import { deleteAccount, type User } from "../../services/api/account";
import { messageOf } from "../../services/api/http";
import { rememberChoice } from "../../services/practiceChoice";
import { PasswordField } from "../auth/AccountForm";

export function DeleteAccount({ user }: { readonly user: User }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-col items-start gap-3">
      <div>
        <h3>Delete everything</h3>
        <p className="text-sm text-quiet">Your account, your readings and your progress, for good.</p>
      </div>
      <Button look="danger" onClick={() => { setOpen(true); }}>Delete my account</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Delete everything?"
        description="Your readings and your progress cannot be brought back. You may want to download them first."
      >
        <Farewell user={user} onStay={() => { setOpen(false); }} />
      </Dialog>
    </div>
  );
}

function Farewell({ user, onStay }: { readonly user: User; readonly onStay: () => void }) {
  const { token, deleted } = useSession();
  const { forget } = useKept();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setTrouble(undefined);
    try {
      await deleteAccount(user.guest ? null : password, { token: token ?? undefined });
      await forget(); // recordings that still waited here, and what was read last
      rememberChoice(user.id, null);
      deleted();
      await navigate("/");
    } catch (error) {
      setTrouble(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      {user.guest ? (
        <FieldError id="farewell-error" message={trouble} />
      ) : (
        <PasswordField label="Your password" autoComplete="current-password" value={password} onChange={setPassword} error={trouble} />
      )}
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onStay}>Keep everything</Button>
        <Button type="submit" look="danger" disabled={busy || (!user.guest && password === "")}>Delete for good</Button>
      </div>
    </form>
  );
}
