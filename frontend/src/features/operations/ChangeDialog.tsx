import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { useSession } from "../../contexts/SessionContext";
import { changeRollout, REASON_CHARACTERS, type Action } from "../../services/api/operations";
import { messageOf } from "../../services/api/http";
import { ACTION_NAMES, EFFECTS } from "./actions";

/** What was asked for, and the number of the latest change that was shown then. */
export type Asked = { readonly action: Action; readonly after: number };

/** Asks why before the rollout is changed. */
export function ChangeDialog({ asked: { action, after }, onDone }: { readonly asked: Asked; readonly onDone: () => void }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => changeRollout(action, reason.trim(), after, { token: token ?? undefined }),
    onSuccess: async (changed) => {
      await queries.cancelQueries({ queryKey: ["operations", "rollout"] }); // what was asked before would come later
      queries.setQueryData(["operations", "rollout"], changed);
      onDone();
    },
  });
  return (
    <Dialog open onOpenChange={onDone} title={`${ACTION_NAMES[action]}?`} description={EFFECTS[action]}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); mutate(); }}>
        <Field
          label="Why?"
          hint="Everybody who looks at the history will read it."
          value={reason}
          maxLength={REASON_CHARACTERS}
          required
          error={error === null ? undefined : messageOf(error)}
          onChange={(event) => { setReason(event.target.value); }}
        />
        <Button type="submit" look={action === "rollback" ? "danger" : "primary"} disabled={isPending || reason.trim() === ""}>{ACTION_NAMES[action]}</Button>
      </form>
    </Dialog>
  );
}
