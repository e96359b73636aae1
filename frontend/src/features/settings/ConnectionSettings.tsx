import { Cable, Send } from "lucide-react";

import { Button } from "../../components/Button";
import { Switch } from "../../components/Switch";
import { useConnection } from "../../contexts/ConnectionContext";
import { useListening } from "../../contexts/ListeningContext";
import { useSession } from "../../contexts/SessionContext";
import { useSettings } from "../../contexts/SettingsContext";
import { useTransportStatus } from "../../hooks/useAudioAnalysisStream";
import { NO_CHOICE, type Effective, type Reason } from "../../services/api/settings";
import { connectionWords } from "../practice/connection";
import { useLiveWords } from "../practice/useLiveWords";
import { Group } from "./Group";
import { ListeningState } from "./ListeningState";

export function ConnectionSettings() {
  const { settings, change } = useSettings();
  const { effective } = settings;
  const listensHere = useListening().extractor?.ready === true;
  return (
    <Group name="Connection">
      <InUse effective={effective} />
      <Switch
        label="Keep a connection open (WebSocket)"
        hint={`${listensHere ? FASTEST : FASTEST_AND_LIVE} ${effective.reason === "only_way" ? ONLY_WAY : OTHER_WAY}`}
        checked={effective.use_websocket}
        disabled={NO_CHOICE.has(effective.reason)}
        onChange={(on) => { change({ use_websocket: on }); }}
      />
      {effective.reason === "chosen" && (
        <Button look="quiet" className="self-start" onClick={() => { change({ use_websocket: null }); }}>Let the server choose</Button>
      )}
      <Switch
        label="Listen in this browser"
        hint="Loads the listening model once, about 25 MB. Then your device does the listening, and words get their colours when the sentence has been read."
        checked={settings.in_browser_listening}
        onChange={(on) => { change({ in_browser_listening: on, ...(!on && { keep_audio_on_device: false }) }); }}
      />
      <ListeningState />
    </Group>
  );
}

const FASTEST = "The fastest way.";
const FASTEST_AND_LIVE = "The fastest way, and the one on which words light up while you read.";
const ONLY_WAY = "This server has no other.";
const OTHER_WAY = "If it cannot be opened, readings go one by one until it can.";

const WHY: Readonly<Record<Reason, string>> = {
  chosen: "because you chose it.",
  switched_on: "because this server prefers it.",
  default: "until the server has said which way it prefers.",
  stage: "because this server brings open connections to its readers little by little.",
  switched_off: "because this server has switched open connections off for now.",
  only_way: "because it is the only way to this server.",
};

function InUse({ effective: { use_websocket: open, reason } }: { readonly effective: Effective }) {
  const { token } = useSession();
  const { name, explained } = connectionWords(useTransportStatus(useConnection()), useLiveWords());
  const Icon = open ? Cable : Send;
  return (
    <output className="flex items-start gap-3 rounded-2xl bg-sunk px-5 py-4">
      <Icon aria-hidden className="mt-0.5 shrink-0 text-accent" />
      <span>
        Wanted: <strong>{open ? "an open connection (WebSocket)" : "one request for each reading (SSE)"}</strong>,{" "}
        {WHY[reason]}
        {token !== null && <span className="block">Now: <strong>{name}</strong>. {explained}</span>}
      </span>
    </output>
  );
}
