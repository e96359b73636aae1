import { PageHeader } from "../../components/PageHeader";
import { useSession } from "../../contexts/SessionContext";
import { useSettings } from "../../contexts/SettingsContext";
import { ConnectionSettings } from "./ConnectionSettings";
import { LookSettings } from "./LookSettings";
import { PrivacySettings } from "./PrivacySettings";
import { ReadingSettings } from "./ReadingSettings";
import { SoundSettings } from "./SoundSettings";
import { YouSettings } from "./YouSettings";

export default function SettingsPage() {
  const { user } = useSession();
  const { unsaved } = useSettings();
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-10">
      <PageHeader title="Settings">
        {user === null ? "What you choose counts at once. It is kept on this device until you sign in." : "What you choose counts at once, on all your devices."}
      </PageHeader>
      {user !== null && <YouSettings user={user} />}
      <LookSettings />
      <ReadingSettings />
      <SoundSettings />
      <ConnectionSettings />
      <PrivacySettings user={user} />
      <output className="text-quiet">{unsaved && "Saving what you chose."}</output>
    </div>
  );
}
