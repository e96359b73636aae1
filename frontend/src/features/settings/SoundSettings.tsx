import { useMutation } from "@tanstack/react-query";
import { Volume2 } from "lucide-react";

import { Button } from "../../components/Button";
import { FieldError } from "../../components/Field";
import { Slider } from "../../components/Slider";
import { useSession } from "../../contexts/SessionContext";
import { useSettings } from "../../contexts/SettingsContext";
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
  const say = useMutation({
    mutationFn: async () => {
      await play(await speak(SAMPLE, { token: token ?? undefined }), speed, volume);
    },
  });
  if (token === null) return null;
  return (
    <div className="flex flex-col items-start gap-2">
      <Button onClick={() => { say.mutate(); }} disabled={say.isPending}><Volume2 aria-hidden /> Hear the voice</Button>
      <FieldError id="voice-error" message={say.isError ? messageOf(say.error) : undefined} />
    </div>
  );
}

async function play(sound: Blob, speed: number, volume: number): Promise<void> {
  const address = URL.createObjectURL(sound);
  const player = new Audio(address);
  player.playbackRate = speed;
  player.volume = volume;
  player.addEventListener("ended", () => { URL.revokeObjectURL(address); }, { once: true });
  await player.play();
}
