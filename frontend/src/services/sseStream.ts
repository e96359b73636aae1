import {
  ANALYZE_PATH,
  ANALYZE_WITH_PHONEMES_PATH,
  STREAM_DOUBT_MS,
  STREAM_SILENCE_MS,
} from "../config/connection";
import type { Link } from "./carrier";
import type { Environment } from "./environment";
import type { HeldRequest } from "./heldRequest";
import { Backoff } from "./reconnect";
import { eventsOf, refusalOf } from "./sseAnswer";

/** How one attempt ended, when not with the end of the request. */
type Trouble = "broken" | "unreachable" | "unknown" | "unauthorized";

export type StreamHandlers = {
  /** Events come. */
  readonly lives: () => void;
  /** It is tried again. */
  readonly trouble: (trouble: "lost" | "unreachable") => void;
  /** There is no token that the server takes. */
  readonly signedOut: () => void;
  /** The server has retired SSE. Whether somebody else carries the request from here. */
  readonly retired: () => boolean;
};

const NOT_FOUND = 404;

/**
 * The events of one request over HTTP, over as many answers as it takes.
 *
 *     POST ──stream──→ events … ─→ the terminal one
 *       ↑ 404             │ broken
 *       └────────────── GET with Last-Event-ID, after a wait
 */
export class SseStream {
  private readonly environment: Environment;
  private readonly link: Link;
  private readonly request: HeldRequest;
  private readonly handlers: StreamHandlers;
  private readonly backoff: Backoff;
  private readonly over = new AbortController();
  private resumes: boolean;
  private renewed = false;
  private attempt: AbortController | undefined;
  private heardAt = 0;
  private stopWatch: () => void = () => undefined;
  private endWait: () => void = () => undefined;

  constructor(environment: Environment, link: Link, request: HeldRequest, handlers: StreamHandlers) {
    this.environment = environment;
    this.link = link;
    this.request = request;
    this.handlers = handlers;
    this.backoff = new Backoff(environment.random);
    this.resumes = request.sent && request.recording.isWhole;
  }

  /** Runs until the request has ended or `stop` is called. */
  async run(): Promise<void> {
    while (!this.isDone) {
      const token = this.link.credentials.token;
      const trouble = await this.once(token);
      if (this.isDone) return;
      if (!(await this.mend(trouble, token))) return;
      await this.wait(this.backoff.next());
    }
  }

  /** Let go of everything at once. */
  stop(): void {
    this.over.abort();
    this.attempt?.abort();
    this.stopWatch();
    this.endWait();
  }

  /** The device woke up: do not wait any longer, and do not trust a stream that has been silent. */
  checkNow(): void {
    this.endWait();
    if (this.attempt !== undefined && this.silentMs > STREAM_DOUBT_MS) this.attempt.abort();
  }

  private get isDone(): boolean {
    return this.over.signal.aborted || this.request.ended;
  }

  private get silentMs(): number {
    return this.environment.now() - this.heardAt;
  }

  private async once(token: string): Promise<Trouble> {
    try {
      const form = this.resumes ? undefined : await this.form();
      if (this.isDone) return "broken";
      this.attempt = new AbortController();
      this.alive();
      if (form !== undefined) this.request.begin();
      const response = await this.environment.fetch(this.address(), this.init(token, form, this.attempt.signal));
      return await this.follow(response);
    } catch {
      return "unreachable"; // fetch and its streams say no more than that
    } finally {
      this.attempt = undefined;
      this.stopWatch();
    }
  }

  private address(): string {
    const { baseUrl } = this.link;
    if (this.resumes) return `${baseUrl}${ANALYZE_PATH}/${this.request.id}/events`;
    const hasPhonemes = this.request.fields.client_phonemes !== undefined;
    return `${baseUrl}${hasPhonemes ? ANALYZE_WITH_PHONEMES_PATH : ANALYZE_PATH}`;
  }

  private init(token: string, form: FormData | undefined, signal: AbortSignal): RequestInit {
    const headers = new Headers({ Authorization: `Bearer ${token}` });
    if (form !== undefined) return { method: "POST", headers, body: form, signal };
    headers.set("Last-Event-ID", this.request.lastEventId);
    return { headers, signal, cache: "no-store" };
  }

  private async form(): Promise<FormData> {
    const { fields, recording } = this.request;
    const audio = await recording.whole();
    const form = new FormData();
    form.set("attempted_sentence", fields.attempted_sentence);
    form.set("session_id", String(fields.session_id));
    form.set("request_id", fields.request_id);
    if (fields.client_phonemes !== undefined) form.set("client_phonemes", JSON.stringify(fields.client_phonemes));
    if (fields.client_words !== undefined) form.set("client_words", JSON.stringify(fields.client_words));
    if (audio !== null) form.set("audio_file", typed(audio, fields.content_type), fields.filename);
    return form;
  }

  private async follow(response: Response): Promise<Trouble> {
    if (!response.ok) return this.refused(response);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (!isStream || response.body === null) {
      await response.body?.cancel();
      this.request.fail("unreadable_answer");
      return "broken";
    }
    for await (const event of eventsOf(response.body, () => { this.alive(); })) {
      if (this.isDone) return "broken";
      this.heard();
      this.request.received(event);
    }
    return "broken";
  }

  private async refused(response: Response): Promise<Trouble> {
    const refusal = await refusalOf(response, this.request.id);
    if (this.isDone || refusal.kind === "away") return "unreachable";
    if (this.resumes && response.status === NOT_FOUND) return "unknown";
    if (refusal.kind === "unreadable") this.request.fail("unreadable_answer");
    else if (refusal.event.data.code === "unauthorized") return "unauthorized";
    else if (refusal.event.data.code !== "sse_retired" || !this.handlers.retired()) {
      this.handlers.lives();
      this.request.received(refusal.event);
    }
    return "broken";
  }

  private heard(): void {
    this.backoff.reset();
    this.renewed = false;
    this.resumes = true;
    this.handlers.lives();
  }

  /** Make ready for another attempt. False: there is no use in one. */
  private async mend(trouble: Trouble, token: string): Promise<boolean> {
    if (trouble === "unknown") this.resumes = false;
    else if (trouble !== "unauthorized") this.handlers.trouble(trouble === "broken" ? "lost" : "unreachable");
    else if (!(await this.renew(token))) {
      this.handlers.signedOut();
      this.request.fail("unauthorized");
      return false;
    }
    return true;
  }

  private async renew(token: string): Promise<boolean> {
    if (this.renewed || !this.link.credentials.canRenew) return false;
    const renewal = await this.link.credentials.renew(token);
    this.renewed = renewal === "renewed";
    return renewal !== "refused";
  }

  private wait(ms: number): Promise<void> {
    if (this.isDone) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.environment.after(ms, resolve);
      this.endWait = () => {
        stop();
        resolve();
      };
    });
  }

  /** Bytes came, or are about to. */
  private alive(): void {
    this.heardAt = this.environment.now();
    this.stopWatch();
    this.stopWatch = this.environment.after(STREAM_SILENCE_MS, () => this.attempt?.abort());
  }
}

function typed(audio: Blob, type: string): Blob {
  return audio.type === type ? audio : new Blob([audio], { type });
}
