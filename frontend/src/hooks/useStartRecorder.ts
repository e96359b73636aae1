import { useCallback, useEffect, useRef, useState } from "react";

const LONGEST_MS = 60_000; // the server listens to no more
const FORMATS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** Browsers improve speech for telephones, which changes the very sounds that are to be judged. */
const AS_IT_IS = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** The microphone. `onDone` gets each recording as a file, unless the page was left meanwhile. */
export function useAudioRecorder(onDone: (audio: File) => void) {
  const [state, setState] = useState<"idle" | "asking" | "recording">("idle");
  const [trouble, setTrouble] = useState("");
  const current = useRef<Recorder | null>(null);

  const stop = useCallback(() => {
    current.current?.stop();
  }, []);

  const start = useCallback(async () => {
    setTrouble("");
    setState("asking");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: AS_IT_IS });
      current.current = record(stream, (audio) => {
        setState("idle");
        onDone(audio);
      });
      setState("recording");
    } catch (error) {
      setTrouble(explain(error));
      setState("idle");
    }
  }, [onDone]);

  useEffect(
    () => () => {
      current.current?.discard();
    },
    [],
  );
  return { state, trouble, start, stop };
}

type Recorder = { readonly stop: () => void; readonly discard: () => void };

function record(stream: MediaStream, onDone: (audio: File) => void): Recorder {
  const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
  const media = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType });
  const parts: Blob[] = [];
  let wanted = true;
  const stop = () => {
    if (media.state !== "inactive") media.stop();
  };
  const timer = setTimeout(stop, LONGEST_MS);
  media.addEventListener("dataavailable", ({ data }) => parts.push(data));
  media.addEventListener("stop", () => {
    clearTimeout(timer);
    for (const track of stream.getTracks()) track.stop();
    if (wanted) onDone(new File(parts, "reading", { type: media.mimeType }));
  });
  media.start();
  const discard = () => {
    wanted = false;
    stop();
  };
  return { stop, discard };
}

function explain(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "The microphone is blocked. Allow it beside the address of this page, then try again.";
  if (name === "NotFoundError") return "No microphone was found. You can choose a recording instead.";
  return "The microphone cannot be used here. You can choose a recording instead.";
}
