import { RadioGroup } from "../../components/RadioGroup";
import type { Option } from "../../components/Select";
import { useSettings } from "../../contexts/SettingsContext";
import type { Font, TextSize, Theme } from "../../services/api/settings";
import { Group } from "./Group";

const THEMES: readonly Option<Theme>[] = [
  { value: "system", label: "As this device" },
  { value: "light", label: "Paper" },
  { value: "dark", label: "Night" },
];
const SIZES: readonly Option<TextSize>[] = [
  { value: "normal", label: "Normal" },
  { value: "large", label: "Large" },
  { value: "huge", label: "Huge" },
];
const FONTS: readonly Option<Font>[] = [
  { value: "atkinson", label: "Atkinson Hyperlegible" },
  { value: "opendyslexic", label: "OpenDyslexic" },
];

export function LookSettings() {
  const { settings, change } = useSettings();
  return (
    <Group name="How it looks">
      <RadioGroup label="Page" value={settings.theme} options={THEMES} onChange={(theme) => { change({ theme }); }} />
      <RadioGroup label="Text size" value={settings.text_size} options={SIZES} onChange={(size) => { change({ text_size: size }); }} />
      <RadioGroup
        label="Letters"
        hint="OpenDyslexic has heavier feet, which helps some readers to keep letters apart."
        value={settings.font}
        options={FONTS}
        onChange={(font) => { change({ font }); }}
      />
    </Group>
  );
}
