/* Made from docs/protocol.schema.json by `npm run generate`. */

/**
 * Every message of the Sound It Out protocol. Made by `python -m sounditout.schema`.
 */
export type SoundItOutProtocol = WireEvent | ServerMessage | ClientMessage;
/**
 * What the server says about one reading, on both transports.
 */
export type WireEvent =
  | ProcessingStarted
  | Progress
  | Partial
  | Analysis
  | GptResponse
  | AudioFeedbackFile
  | WarningEvent
  | Complete
  | WireError
  | CancelledEvent;
export type WireErrorCode =
  | "analysis_failed"
  | "audio_too_large"
  | "audio_too_long"
  | "audio_too_short"
  | "cancelled"
  | "coach_failed"
  | "forbidden"
  | "internal"
  | "invalid_base64"
  | "invalid_message"
  | "invalid_sentence"
  | "no_speech"
  | "overloaded"
  | "speech_failed"
  | "sse_retired"
  | "timeout"
  | "too_many_requests"
  | "unauthorized"
  | "unknown_session"
  | "unknown_type"
  | "unsupported_audio";
/**
 * What the server says about a WebSocket connection.
 */
export type ServerMessage = Ready | Pong | TokenExpiring | TokenRefreshed | Draining | MessageError;
/**
 * What a client says on a WebSocket.
 */
export type ClientMessage = AnalyzeAudio | AudioStart | AudioChunk | AudioEnd | Cancel | Resume | RefreshToken | Ping;

export interface ProcessingStarted {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "processing_started";
  data: StartedData;
}
export interface StartedData {
  /**
   * of audio, so far: 0 when the recording is still being made
   */
  received_bytes: number;
  mode: "server" | "hybrid" | "client";
}
export interface Progress {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "progress";
  data: ProgressData;
}
export interface ProgressData {
  stage: "decoding" | "listening" | "scoring" | "coaching" | "speaking";
  fraction: number;
}
export interface Partial {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "partial";
  data: PartialData;
}
export interface PartialData {
  /**
   * in the order of the sentence; replaces every earlier list
   */
  words: PartialWord[];
  /**
   * so much of the recording has been listened to
   */
  heard_seconds: number;
}
/**
 * One word of the sentence that has been read so far.
 */
export interface PartialWord {
  /**
   * position in the sentence, from 0
   */
  index: number;
  /**
   * as far as can be said yet: nobody is told in the middle of a sentence that a word was wrong
   */
  status: "correct" | "omitted" | "unsure";
}
export interface Analysis {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "analysis";
  data: ReadingReport;
}
/**
 * `analysis.data`: everything that was heard in one reading of one sentence.
 */
export interface ReadingReport {
  schema_version: number;
  sentence: string;
  duration_seconds: number;
  alphabet: "arpabet";
  scores: Scores;
  words: WordReading[];
  problems: Problems;
  source: "server" | "client";
  recognizer: RecognizerInfo;
}
/**
 * The reading as a whole.
 */
export interface Scores {
  accuracy: number;
  completeness: number;
  fluency: number;
  phoneme_error_rate: number;
  words_correct_per_minute: number;
}
/**
 * One word in reading order.
 */
export interface WordReading {
  /**
   * position in the sentence, from 0; null for an inserted word
   */
  index: number | null;
  /**
   * as shown; empty for an inserted word that could not be named
   */
  text: string;
  status: "correct" | "mispronounced" | "omitted" | "inserted" | "unsure";
  start_seconds: number | null;
  end_seconds: number | null;
  /**
   * that the status is right
   */
  confidence: number;
  accuracy: number;
  phoneme_error_rate: number;
  phonemes: PhonemeReading[];
}
/**
 * One sound: what should have been said beside what was heard.
 */
export interface PhonemeReading {
  /**
   * ARPAbet; null for an inserted sound
   */
  expected: string | null;
  expected_ipa: string | null;
  /**
   * ARPAbet; null for an omitted sound
   */
  heard: string | null;
  heard_ipa: string | null;
  status: "correct" | "substituted" | "omitted" | "inserted" | "unsure";
  start_seconds: number | null;
  end_seconds: number | null;
  /**
   * that the status is right
   */
  confidence: number;
}
/**
 * What to practise.
 */
export interface Problems {
  /**
   * ARPAbet; the one sound to work on next, null when all was well
   */
  focus_phoneme: string | null;
  by_phoneme: {
    [k: string]: Count;
  };
  by_group: {
    [k: string]: Count;
  };
}
/**
 * How often a sound was to be said, and how often it went wrong.
 */
export interface Count {
  expected: number;
  wrong: number;
}
/**
 * Who listened.
 */
export interface RecognizerInfo {
  name: string;
  version: string;
}
export interface GptResponse {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "gpt_response";
  data: Advice;
}
/**
 * `gpt_response.data`: what the coach says, and the sentence to read next.
 */
export interface Advice {
  /**
   * text to show
   */
  feedback: string;
  /**
   * text to say aloud
   */
  feedback_speech: string;
  next_sentence: string;
  /**
   * ARPAbet
   */
  focus_phoneme: string | null;
  source: "coach" | "llm";
}
export interface AudioFeedbackFile {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "audio_feedback_file";
  data: SpeechData;
}
/**
 * `audio_feedback_file.data`: the feedback, spoken.
 */
export interface SpeechData {
  /**
   * base64
   */
  data: string;
  filename: string;
  mimetype: string;
}
export interface WarningEvent {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "warning";
  data: WarningData;
}
export interface WarningData {
  code: WireErrorCode;
  /**
   * for a person
   */
  message: string;
  stage: "receiving" | "decoding" | "listening" | "scoring" | "saving" | "coaching" | "speaking";
}
export interface Complete {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "complete";
  data: CompleteData;
}
export interface CompleteData {
  /**
   * milliseconds by stage, and `total`
   */
  timings: {
    [k: string]: number;
  };
}
export interface WireError {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "error";
  data: WireErrorData;
}
export interface WireErrorData {
  code: WireErrorCode;
  /**
   * for a person
   */
  message: string;
  retryable: boolean;
  /**
   * seconds after which to try again; null: whenever you like
   */
  retry_after: number | null;
  stage: "receiving" | "decoding" | "listening" | "scoring" | "saving" | "coaching" | "speaking";
}
export interface CancelledEvent {
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  seq: number;
  type: "cancelled";
  data: CancelledData;
}
export interface CancelledData {
  /**
   * the stage the work had reached
   */
  stage: "receiving" | "decoding" | "listening" | "scoring" | "saving" | "coaching" | "speaking";
}
/**
 * The first message on every connection.
 */
export interface Ready {
  type: "ready";
  data: ReadyData;
}
export interface ReadyData {
  connection_id: string;
  /**
   * how often the client should ping
   */
  heartbeat_seconds: number;
  limits: Limits;
  /**
   * request ids of this user that can be resumed
   */
  held: string[];
}
/**
 * What this server accepts; the names are those of the settings, where the reasons stand.
 */
export interface Limits {
  min_audio_seconds: number;
  max_audio_seconds: number;
  max_audio_bytes: number;
  max_frame_bytes: number;
  max_sentence_characters: number;
  /**
   * per user
   */
  max_requests_in_flight: number;
  max_connections_per_user: number;
  /**
   * events that may wait for a client that does not read
   */
  max_outbound_events: number;
  /**
   * the last of so many closes the connection
   */
  max_unreadable_messages: number;
  /**
   * on one connection, audio_chunk not counted
   */
  max_messages_per_minute: number;
  /**
   * audio_chunk messages on one connection
   */
  max_chunks_per_minute: number;
  /**
   * a recording of which nothing arrives for so long is given up
   */
  upload_idle_seconds: number;
  /**
   * for so long after its end a request can be resumed
   */
  hold_seconds: number;
}
/**
 * The answer to `ping`.
 */
export interface Pong {
  type: "pong";
  data: PongData;
}
export interface PongData {
  sent_at: number | string | null;
}
/**
 * The token ends soon: send a newer one, or the connection closes with 4401.
 */
export interface TokenExpiring {
  type: "token_expiring";
  data: TokenExpiringData;
}
export interface TokenExpiringData {
  expires_in_seconds: number;
}
/**
 * The newer token is in force.
 */
export interface TokenRefreshed {
  type: "token_refreshed";
  data: TokenRefreshedData;
}
export interface TokenRefreshedData {
  expires_in_seconds: number;
}
/**
 * The server stops: it finishes what is under way, takes nothing new, and closes with 1012.
 */
export interface Draining {
  type: "draining";
  data: DrainingData;
}
export interface DrainingData {
  /**
   * wait a random part of it, so that not all come at once
   */
  reconnect_within_ms: number;
}
/**
 * A message could not be read, or asks for something that cannot be tied to one request.
 */
export interface MessageError {
  type: "error";
  data: WireErrorData;
}
/**
 * Listen to this reading.
 */
export interface AnalyzeAudio {
  session_id: number;
  /**
   * the sentence as shown to the learner
   */
  attempted_sentence: string;
  filename?: string;
  content_type?: string;
  /**
   * what the browser heard: ARPAbet symbols, one list per word
   */
  client_phonemes?: string[][] | null;
  /**
   * the same words as text, each of at most 100 characters
   */
  client_words?: string[] | null;
  type: "analyze_audio";
  /**
   * a UUID; the server makes one when it is absent
   */
  request_id?: string | null;
  /**
   * the recording in padded base64; may be left out when client_phonemes are sent
   */
  audio_base64?: string;
}
/**
 * Listen to this reading, which has only begun; its audio comes in chunks.
 */
export interface AudioStart {
  session_id: number;
  /**
   * the sentence as shown to the learner
   */
  attempted_sentence: string;
  filename?: string;
  content_type?: string;
  /**
   * what the browser heard: ARPAbet symbols, one list per word
   */
  client_phonemes?: string[][] | null;
  /**
   * the same words as text, each of at most 100 characters
   */
  client_words?: string[] | null;
  type: "audio_start";
  request_id: string;
}
/**
 * The next piece of a recording. One that has come before is ignored.
 */
export interface AudioChunk {
  type: "audio_chunk";
  request_id: string;
  /**
   * 0, 1, 2 … per request
   */
  chunk: number;
  /**
   * the piece in padded base64; any cut will do
   */
  audio_base64: string;
}
/**
 * The recording is complete.
 */
export interface AudioEnd {
  type: "audio_end";
  request_id: string;
  /**
   * how many there are; null: as many as have come
   */
  chunks?: number | null;
}
/**
 * Stop working on a reading; nothing happens when it is not being worked on.
 */
export interface Cancel {
  type: "cancel";
  request_id: string;
}
/**
 * Tell me again what you told of a request after one of its events, and go on.
 */
export interface Resume {
  type: "resume";
  request_id: string;
  /**
   * the last one received; -1: none
   */
  after_seq?: number;
}
/**
 * Here is a newer token of the same user.
 */
export interface RefreshToken {
  type: "refresh_token";
  token: string;
}
/**
 * Are you there?
 */
export interface Ping {
  type: "ping";
  /**
   * anything the client wants back in `pong`: a time, as a number or as text
   */
  sent_at?: number | string | null;
}
