import { useCallback, useEffect, useState } from "react";

import { Button } from "../../components/Button";
import { Notice } from "../../components/Notice";
import { Select } from "../../components/Select";
import { useSettings } from "../../contexts/SettingsContext";
import { openMicrophone, problemOf, release, type MicrophoneProblem } from "../../hooks/microphone";
import { browserOf, microphoneHelp } from "../practice/microphoneHelp";

const ANY = "";

/** Which microphone to listen with. Browsers name them only to pages that may use one. */
export function Microphone() {
  const { microphone, chooseMicrophone } = useSettings();
  const { found, ask, problem } = useMicrophones();
  if (found.length === 0) {
    return (
      <div className="flex flex-col items-start gap-3">
        <div>
          <h3>Microphone</h3>
          <p className="text-sm text-quiet">The one this device prefers. To choose another, let the page see which there are.</p>
        </div>
        <Button onClick={() => void ask()}>Show my microphones</Button>
        {problem !== null && <Notice tone="trouble">{microphoneHelp(problem, browserOf(navigator.userAgent))}</Notice>}
      </div>
    );
  }
  const known = found.some(({ deviceId }) => deviceId === microphone);
  return (
    <Select
      label="Microphone"
      value={known && microphone !== null ? microphone : ANY}
      options={[{ value: ANY, label: "The one this device prefers" }, ...found.map(({ deviceId, label }) => ({ value: deviceId, label }))]}
      onChange={(id) => { chooseMicrophone(id === ANY ? null : id); }}
      className="max-w-md"
    />
  );
}

function useMicrophones() {
  const [found, setFound] = useState<readonly MediaDeviceInfo[]>([]);
  const [problem, setProblem] = useState<MicrophoneProblem | null>(null);

  const look = useCallback(async () => {
    const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
    setFound((devices ?? []).filter(isNamedMicrophone));
  }, []);
  const ask = useCallback(async () => {
    try {
      release(await openMicrophone(ANY));
      setProblem(null);
      await look();
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, [look]);
  useEffect(() => {
    const again = () => void look();
    again();
    navigator.mediaDevices?.addEventListener("devicechange", again);
    return () => { navigator.mediaDevices?.removeEventListener("devicechange", again); };
  }, [look]);
  return { found, ask, problem };
}

/** Chrome lists its own "default" beside the device it stands for. */
function isNamedMicrophone({ kind, deviceId, label }: MediaDeviceInfo): boolean {
  return kind === "audioinput" && label !== "" && !["", "default", "communications"].includes(deviceId);
}
