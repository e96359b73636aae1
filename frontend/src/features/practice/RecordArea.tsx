import { X } from "lucide-react";

import { Button } from "../../components/Button";
import { Switch } from "../../components/Switch";
import { isAway } from "../../hooks/whereTo";
import { LevelMeter } from "./LevelMeter";
import { browserOf, microphoneHelp } from "./microphoneHelp";
import { RecordButton } from "./RecordButton";
import type { Doings, Scene } from "./scene";

/** The button, and below it what is going on: how loud it is, when it stops, that we listen. */
export function RecordArea({ scene, doings }: { readonly scene: Scene; readonly doings: Doings }) {
  const { recorder, analysis, sentence, isListening } = scene;
  const how = howTo(scene);
  return (
    <div className="flex flex-col items-center gap-2">
      <RecordButton
        state={recorder.state}
        loudness={recorder.loudness}
        disabled={sentence === null || isListening}
        calm={analysis.report !== null}
        onDown={() => { doings.onPress("down"); }}
        onUp={() => { doings.onPress("up"); }}
        onAway={() => { doings.onPress("away"); }}
        onToggle={doings.onToggle}
      />
      {recorder.state === "recording" ? (
        <WhileRecording scene={scene} doings={doings} />
      ) : (
        <p id="record-how" className="flex min-h-11 max-w-[46ch] items-center text-center text-quiet empty:hidden">
          {how !== "" && <span>{how}{how === TAP_OR_HOLD && <span className="pointer-coarse:hidden">{BY_KEYBOARD}</span>}</span>}
        </p>
      )}
      {(recorder.state === "asking" || isListening) && <CancelButton name="Cancel" onCancel={doings.onCancel} />}
    </div>
  );
}

function WhileRecording({ scene: { recorder, autoStop }, doings }: { readonly scene: Scene; readonly doings: Doings }) {
  return (
    <>
      <div className="flex min-h-11 items-center">
        {recorder.secondsLeft > 0 ? <p data-countdown className="text-xl font-bold">Stopping in {recorder.secondsLeft}…</p> : <LevelMeter loudness={recorder.loudness} />}
      </div>
      <div className="mt-2 flex flex-wrap items-center justify-center gap-x-6 gap-y-1">
        <Switch label="Stop by itself" checked={autoStop} onChange={doings.onAutoStop} />
        <CancelButton name="Throw away" onCancel={doings.onCancel} />
      </div>
    </>
  );
}

function CancelButton({ name, onCancel }: { readonly name: string; readonly onCancel: () => void }) {
  return <Button look="quiet" aria-keyshortcuts="Escape" onClick={onCancel}><X aria-hidden size={20} /> {name}</Button>;
}

const WHY_WE_ASK = "Your browser is going to ask for the microphone: that is how we hear you read. It listens only while you read, and";
const TO_THE_SERVER = "your voice goes to this server and nowhere else.";
const NOWHERE = "your voice stays on this device.";
const TAP_OR_HOLD = "Tap and read, or hold while you read.";
const BY_KEYBOARD = " The space bar does the same.";

function howTo({ recorder, analysis, permission, sentence, status, note, isListening, keepsVoice }: Scene): string {
  if (sentence === null) return "Your sentence is on its way.";
  if (recorder.state === "asking") return permission === "granted" ? "" : "Please allow the microphone.";
  if (isListening) return isAway(status) ? "The server is out of reach just now. Your reading is safe; we go on in a moment." : "Listening to your reading.";
  const isSaidElsewhere = analysis.report !== null || analysis.problem !== null || recorder.problem !== null || note !== "none";
  if (isSaidElsewhere) return "";
  if (permission === "prompt") return `${WHY_WE_ASK} ${keepsVoice ? NOWHERE : TO_THE_SERVER}`;
  if (permission === "denied") return microphoneHelp("denied", browserOf(navigator.userAgent));
  return TAP_OR_HOLD;
}
