// Stand-in until services/audioProtocol.ts and audioTransport.ts are there.
import type { CancelledEvent, AudioFeedbackFile, Analysis, Complete, GptResponse, Partial as PartialEvent, ProcessingStarted, Progress, WarningEvent, WireErrorCode } from "../services/protocol.generated";
export type { Advice, PartialWord, PhonemeReading, ReadingReport, SpeechData, WordReading, ProgressData } from "../services/protocol.generated";
export type ErrorCode = WireErrorCode | "connection_failed" | "unreadable_answer" | "replaced" | "disconnected";
export type ErrorData = { code: ErrorCode; message: string; retryable: boolean; retry_after: number | null; stage: string };
export type ErrorEvent = { type: "error"; request_id: string; seq: number; data: ErrorData };
export type AudioEvent = ProcessingStarted | Progress | PartialEvent | Analysis | GptResponse | AudioFeedbackFile | WarningEvent | Complete | ErrorEvent | CancelledEvent;
export type TransportName = "websocket" | "sse";
export type TransportState = "idle" | "connecting" | "ready" | "reconnecting" | "fallback" | "closed";
export type StateReason = "not_connected" | "opening" | "live" | "chosen" | "blocked" | "lost" | "unreachable" | "offline" | "restarting" | "busy" | "signed_out" | "replaced" | "fault" | "disconnected";
export type TransportStatus = { readonly state: TransportState; readonly reason: StateReason; readonly transport: TransportName };
export type ConnectOptions = { readonly baseUrl: string; readonly token: string; readonly sessionId: number; readonly clientId?: string; readonly refreshToken?: () => Promise<string> };
export type ReadingOptions = { readonly requestId?: string; readonly sessionId?: number; readonly timeLimitMs?: number; readonly filename?: string };
export type LiveRecording = { readonly requestId: string; send(chunk: Blob | Uint8Array): void; finish(): void; cancel(): void };
export interface AudioTransport {
  readonly status: TransportStatus;
  connect(options: ConnectOptions): void;
  sendAudio(file: Blob | null, sentence: string, clientPhonemes?: readonly (readonly string[])[], clientWords?: readonly string[], options?: ReadingOptions): string;
  startRecording(sentence: string, options?: ReadingOptions & { readonly contentType?: string }): LiveRecording;
  cancel(requestId: string): void;
  onEvent(callback: (event: AudioEvent) => void): () => void;
  onState(callback: (status: TransportStatus) => void): () => void;
  checkNow(): void;
  disconnect(): void;
}
