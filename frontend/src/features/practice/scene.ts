import type { Analysis } from "../../hooks/analysisReducer";
import type { Playing } from "../../hooks/player";
import type { PressAction } from "../../hooks/press";
import type { AudioRecorder, Take } from "../../hooks/useAudioRecorder";
import type { Permission } from "../../hooks/useMicrophonePermission";
import type { WordReading } from "../../services/audioProtocol";
import type { TransportStatus } from "../../services/audioTransport";
import type { Note } from "./note";

/** A take, and what stood on the page while it was made: it is judged against that, whatever stands there now. */
export type Reading = Take & { readonly sentence: string };

/** Everything the practice screen shows. */
export type Scene = {
  readonly sentence: string | null;
  readonly analysis: Analysis;
  readonly recorder: AudioRecorder;
  readonly status: TransportStatus;
  /** It is read, and nothing is known yet. */
  readonly isListening: boolean;
  readonly permission: Permission;
  readonly reading: Reading | null;
  readonly playing: Playing;
  readonly note: Note;
  /** Readings that wait to be sent. */
  readonly waiting: number;
  readonly autoStop: boolean;
  /** Over an open line words light up while they are read. */
  readonly liveWords: boolean;
  /** No recording leaves this device. */
  readonly keepsVoice: boolean;
  /** The model voice failed. */
  readonly voiceFailed: boolean;
};

/** Everything one can do on it. */
export type Doings = {
  readonly onPress: (type: PressAction["type"]) => void;
  readonly onToggle: () => void;
  readonly onCancel: () => void;
  readonly onResend: () => void;
  readonly onAgain: () => void;
  readonly onNext: () => void;
  readonly onHearMe: () => void;
  readonly onHearIt: () => void;
  readonly onSpeak: () => void;
  readonly onHearWord: (word: WordReading) => void;
  readonly onSayWord: (word: WordReading) => void;
  readonly onAutoStop: (enabled: boolean) => void;
};
