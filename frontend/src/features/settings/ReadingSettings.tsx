import { RadioGroup } from "../../components/RadioGroup";
import { Select, type Option } from "../../components/Select";
import { Switch } from "../../components/Switch";
import { useListening } from "../../contexts/ListeningContext";
import { useSettings } from "../../contexts/SettingsContext";
import { LEVELS, type Strictness } from "../../services/api/settings";
import { Group } from "./Group";

const STRICTNESS: readonly Option<Strictness>[] = [
  { value: "gentle", label: "Gentle" },
  { value: "normal", label: "Normal" },
  { value: "strict", label: "Strict" },
];
const HINTS: Readonly<Record<Strictness, string>> = {
  gentle: "Only clear slips are marked. Good for beginners and for a first language that shines through.",
  normal: "Slips that a teacher would mention are marked.",
  strict: "Small slips are marked as well.",
};
const ANY = "any";
const LEVEL_OPTIONS: readonly Option<string>[] = [
  { value: ANY, label: "As it goes, by what you read" },
  ...LEVELS.map((level) => ({ value: String(level), label: `Level ${level}` })),
];

const NOT_HERE = "Not while this browser listens by itself (see below): words then get their colours when the sentence has been read.";

export function ReadingSettings() {
  const { settings, change } = useSettings();
  const listensHere = useListening().extractor?.ready === true;
  return (
    <Group name="Reading">
      <Select
        label="Sentences"
        value={settings.level === null ? ANY : String(settings.level)}
        options={LEVEL_OPTIONS}
        onChange={(level) => { change({ level: level === ANY ? null : Number(level) }); }}
        className="max-w-sm"
      />
      <RadioGroup
        label="How strictly to listen"
        hint={HINTS[settings.strictness]}
        value={settings.strictness}
        options={STRICTNESS}
        onChange={(strictness) => { change({ strictness }); }}
      />
      <Switch
        label="Light up words while you read"
        hint={listensHere ? NOT_HERE : "Each word you have read is marked at once. This needs an open connection (WebSocket, see below)."}
        checked={settings.live_words}
        onChange={(on) => { change({ live_words: on }); }}
      />
      <Switch
        label="Stop by itself when you are silent"
        hint="A countdown shows it first. Without it you press the button again."
        checked={settings.auto_stop}
        onChange={(on) => { change({ auto_stop: on }); }}
      />
    </Group>
  );
}
