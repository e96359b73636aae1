import { sliceOf } from "./audioSlice";
import { storeOf, type Store } from "./store";

/** What is heard just now; "": nothing. `blocked`: the browser wants a tap before anything sounds. */
export type Playing = { readonly name: string; readonly blocked: boolean };

export type Span = { readonly start: number | null; readonly end: number | null };

const NOTHING: Playing = { name: "", blocked: false };

/**
 * Everything this page lets one hear. One thing sounds at a time, and whatever is begun ends what went before.
 * `name` says what it is, so that its button can show it.
 */
export class Player {
  readonly playing: Store<Playing> = storeOf(NOTHING);
  #context: AudioContext | null = null;
  #stopCurrent: () => void = () => undefined;
  #decoded: { readonly of: Blob; readonly audio: Promise<AudioBuffer> } | null = null;

  /** A spoken text. Speed keeps the pitch. Resolves when it has begun; `playing` tells when a browser does not let it. */
  async speak(name: string, voice: Blob, how: { readonly speed: number; readonly volume: number }): Promise<void> {
    this.stop();
    const address = URL.createObjectURL(voice);
    const element = new Audio(address);
    element.playbackRate = how.speed;
    element.volume = Math.min(Math.max(how.volume, 0), 1);
    const ended = this.#begin(name, () => {
      element.pause();
      element.removeAttribute("src");
      URL.revokeObjectURL(address);
    });
    element.addEventListener("ended", ended);
    element.addEventListener("error", ended);
    try {
      await element.play();
    } catch (error) {
      ended();
      if (error instanceof DOMException && error.name === "NotAllowedError") this.playing.set({ name: "", blocked: true });
    }
  }

  /** One's own reading, or one word of it. Nothing happens when the recording cannot be decoded here. */
  async replay(name: string, recording: Blob, span?: Span): Promise<void> {
    this.stop();
    const context = (this.#context ??= new AudioContext());
    const ended = this.#begin(name, () => undefined);
    try {
      await context.resume();
      const audio = await this.#decode(context, recording);
      if (this.playing.get().name === name) this.#play(context, audio, name, span);
    } catch {
      ended();
    }
  }

  stop(): void {
    const stop = this.#stopCurrent;
    this.#stopCurrent = () => undefined;
    stop();
    this.playing.set(NOTHING);
  }

  /** Everything is let go; the player may still be used again. */
  close(): void {
    this.stop();
    this.#decoded = null;
    const context = this.#context;
    this.#context = null;
    void context?.close();
  }

  #play(context: AudioContext, audio: AudioBuffer, name: string, span?: Span): void {
    const slice = span === undefined ? { offset: 0, duration: audio.duration } : sliceOf(span.start, span.end, audio.duration);
    if (slice === null) return this.stop();
    const source = new AudioBufferSourceNode(context, { buffer: audio });
    source.connect(context.destination);
    const ended = this.#begin(name, () => {
      source.stop();
      source.disconnect();
    });
    source.addEventListener("ended", ended);
    source.start(0, slice.offset, slice.duration);
  }

  /** → to call when it has ended by itself */
  #begin(name: string, stop: () => void): () => void {
    this.#stopCurrent = stop;
    this.playing.set({ name, blocked: false });
    return () => {
      if (this.#stopCurrent === stop) this.stop();
    };
  }

  /** The last recording is kept: its words are asked for one after the other. */
  #decode(context: AudioContext, recording: Blob): Promise<AudioBuffer> {
    if (this.#decoded?.of !== recording) {
      const audio = recording.arrayBuffer().then((bytes) => context.decodeAudioData(bytes));
      this.#decoded = { of: recording, audio };
    }
    return this.#decoded.audio;
  }
}
