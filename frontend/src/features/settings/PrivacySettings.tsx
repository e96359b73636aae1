import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { toast } from "sonner";

import { Button } from "../../components/Button";
import { FieldError } from "../../components/Field";
import { Switch } from "../../components/Switch";
import { useKept } from "../../contexts/KeptTakesContext";
import { useSession } from "../../contexts/SessionContext";
import { useSettings } from "../../contexts/SettingsContext";
import { exportEverything, type User } from "../../services/api/account";
import { messageOf } from "../../services/api/http";
import { DeleteAccount } from "./DeleteAccount";
import { keptWords } from "../practice/connection";
import { Group } from "./Group";

export function PrivacySettings({ user }: { readonly user: User | null }) {
  const { settings, change } = useSettings();
  const { waiting } = useKept();
  return (
    <Group name="Privacy">
      <div className="flex max-w-[62ch] flex-col gap-2">
        <h3>What is kept</h3>
        <p>Your name, your settings, the sentences you read and what was heard in them, until you delete them.</p>
        <p>Recordings are listened to and let go. Nothing leaves this server.</p>
      </div>
      <Switch
        label="Keep my voice on this device"
        hint="No recording is sent at all. This needs listening in this browser, and switches it on."
        checked={settings.keep_audio_on_device}
        onChange={(on) => { change({ keep_audio_on_device: on, ...(on && { in_browser_listening: true }) }); }}
      />
      {settings.keep_audio_on_device && waiting > 0 && <output>{keptWords(waiting)} {STAYS}</output>}
      {user !== null && <TakeAway />}
      {user !== null && <DeleteAccount user={user} />}
    </Group>
  );
}

const STAYS = "Where the server would have to listen, it stays here until you switch this off, or for two weeks.";

function TakeAway() {
  const { token } = useSession();
  const take = useMutation({
    mutationFn: async () => { save(await exportEverything({ token: token ?? undefined }), "sound-it-out.json"); },
    onSuccess: () => { toast("Your data is on its way to your downloads."); },
  });
  return (
    <div className="flex flex-col items-start gap-3">
      <div>
        <h3>Take it with you</h3>
        <p className="text-sm text-quiet">Everything that is kept of you, as one file.</p>
      </div>
      <Button disabled={take.isPending} onClick={() => { take.mutate(); }}><Download aria-hidden /> Download my data</Button>
      <FieldError id="export-error" message={take.isError ? messageOf(take.error) : undefined} />
    </div>
  );
}

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => { URL.revokeObjectURL(address); }, 60_000); // some browsers read it only after asking where to put it
}
