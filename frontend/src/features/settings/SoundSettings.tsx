import { useMutation } from "@tanstack/react-query";
import { Volume2 } from "lucide-react";

import { Button } from "../../components/Button";
import { FieldError } from "../../components/Field";
import { Slider } from "../../components/Slider";
import { useSession } from "../../contexts/SessionContext";
import { useSettings } from "../../contexts/SettingsContext";
import { usePlayer } from "../../hooks/usePlayer";
import { messageOf } from "../../services/api/http";
import { VOICE_SPEED } from "../../services/api/settings";
import { speak } from "../../services/api/speech";
import { Group } from "./Group";
import { Microphone } from "./Microphone";

const SAMPLE = "The ship is at the fish shop.";

export function SoundSettings() {
  const { settings, change } = useSettings();
  return (
    <Group name="Sound">
      <Microphone />
      <Slider
        label="How fast the voice speaks"
        value={settings.voice_speed}
        {...VOICE_SPEED}
        step={0.1}
        shown={speedInWords}
        onChange={(speed) => { change({ voice_speed: speed }); }}
      />
      <Slider
        label="How loud the voice is"
        value={settings.voice_volume}
        min={0}
        max={1}
        step={0.05}
        shown={(volume) => `${Math.round(volume * 100)} %`}
        onChange={(volume) => { change({ voice_volume: volume }); }}
      />
      <TryTheVoice speed={settings.voice_speed} volume={settings.voice_volume} />
    </Group>
  );
}

function speedInWords(speed: number): string {
  const shown = `${Math.round(speed * 100)} %`;
  if (speed < 0.95) return `${shown}, slower`;
  return speed > 1.05 ? `${shown}, faster` : `${shown}, as people speak`;
}

function TryTheVoice({ speed, volume }: { readonly speed: number; readonly volume: number }) {
  const { token } = useSession();
  const [player, playing] = usePlayer();
  const isPlaying = playing.name === SAMPLE;
  const say = useMutation({
    mutationFn: async () => { await player.speak(SAMPLE, speak(SAMPLE, { token: token ?? undefined }), { speed, volume }); },
  });
  const toggle = () => {
    if (isPlaying) player.stop();
    else say.mutate();
  };
  if (token === null) return null;
  return (
    <div className="flex flex-col items-start gap-2">
      <Button onClick={toggle} aria-pressed={isPlaying} className="aria-pressed:border-accent aria-pressed:bg-accent-soft"><Volume2 aria-hidden /> Hear the voice</Button>
      <FieldError id="voice-error" message={say.isError ? messageOf(say.error) : undefined} />
    </div>
  );
}
