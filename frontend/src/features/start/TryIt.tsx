import { ArrowRight, AudioLines, Mic, RotateCcw, Square } from "lucide-react";
import { useCallback, useId, useState, type ChangeEvent } from "react";

import { useAudioRecorder } from "../../hooks/useStartRecorder";
import { useReading } from "../../hooks/useReading";
import { Result } from "./Result";

const FIRST_SENTENCE = "The ship is at the fish shop.";
const LONGEST_SENTENCE = 300;

export function TryIt() {
  const [sentence, setSentence] = useState(FIRST_SENTENCE);
  const [take, setTake] = useState<File | null>(null);
  const { reading, send, reset } = useReading();

  const listenTo = useCallback(
    (audio: File) => {
      setTake(audio);
      void send(audio, sentence);
    },
    [send, sentence],
  );
  const recorder = useAudioRecorder(listenTo);

  const change = (text: string) => {
    setSentence(text);
    setTake(null);
    reset();
  };
  const recording = recorder.state === "recording";
  const listening = reading.phase === "listening";
  const busy = listening || recorder.state !== "idle";
  const ready = !busy && sentence.trim() !== "";

  return (
    <section aria-label="Try it now">
      <SentenceBox sentence={sentence} onChange={change} disabled={busy} />
      <div className="buttons">
        {recording ? (
          <button type="button" className="primary recording" onClick={recorder.stop}>
            <Square aria-hidden /> Done
          </button>
        ) : (
          <button
            type="button"
            className="primary"
            disabled={!ready}
            onClick={() => void recorder.start()}
          >
            <Mic aria-hidden /> Read it
          </button>
        )}
        <FileButton disabled={!ready} onFile={listenTo} />
        {take !== null && reading.phase === "failed" && (
          <button type="button" onClick={() => void send(take, sentence)}>
            <RotateCcw aria-hidden /> Send again
          </button>
        )}
        {reading.phase === "done" && reading.nextSentence !== "" && (
          <button type="button" onClick={() => { change(reading.nextSentence); }}>
            Next sentence <ArrowRight aria-hidden />
          </button>
        )}
      </div>
      <output className="status">
        {recording && "Recording. Press Done when the sentence is read."}
        {listening && "Listening to your reading."}
        {recorder.trouble}
      </output>
      <Result reading={reading} />
    </section>
  );
}

type SentenceBoxProps = {
  readonly sentence: string;
  readonly onChange: (text: string) => void;
  readonly disabled: boolean;
};

function SentenceBox({ sentence, onChange, disabled }: SentenceBoxProps) {
  const id = useId();
  return (
    <div className="sentence">
      <label htmlFor={id}>Read this, or write your own</label>
      <textarea
        id={id}
        rows={2}
        maxLength={LONGEST_SENTENCE}
        value={sentence}
        readOnly={disabled}
        onChange={(event) => { onChange(event.target.value); }}
      />
    </div>
  );
}

type FileButtonProps = { readonly disabled: boolean; readonly onFile: (audio: File) => void };

function FileButton({ disabled, onFile }: FileButtonProps) {
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = ""; // the same file may be chosen again
    if (file !== undefined) onFile(file);
  };
  return (
    <label className="button" data-disabled={disabled || undefined}>
      <AudioLines aria-hidden /> Choose a recording
      <input type="file" accept="audio/*,video/webm,video/mp4" disabled={disabled} onChange={choose} />
    </label>
  );
}
