import { sliceOf } from "./audioSlice";
import { storeOf, type Store } from "./store";

/** What is heard just now; "": nothing. `blocked`: the browser wants a tap before anything sounds. */
export type Playing = { readonly name: string; readonly blocked: boolean };

export type Span = { readonly start: number | null; readonly end: number | null };

const NOTHING: Playing = { name: "", blocked: false };

/**
 * Everything this page lets one hear. One thing sounds at a time, and whatever is begun ends what went before.
 * `name` says what it is, so that its button can show it. Nothing sounds that was asked for before a `stop`.
 */
export class Player {
  readonly playing: Store<Playing> = storeOf(NOTHING);
  /** Raised by every `stop`: whatever was still on its way then is not wanted any more. */
  #epoch = 0;
  #isOpen = true;
  #context: AudioContext | null = null;
  #stopCurrent: () => void = () => undefined;
  #decoded: { readonly of: Blob; readonly audio: Promise<AudioBuffer> } | null = null;

  /**
   * A spoken text, which may still be on its way. Speed keeps the pitch. Resolves when it has begun; `playing` tells
   * when a browser does not let it. Rejects when the voice cannot be had and somebody still waits for it.
   */
  async speak(name: string, voice: Blob | Promise<Blob>, how: { readonly speed: number; readonly volume: number }): Promise<void> {
    const isWanted = this.#expect(name);
    try {
      const sound = voice instanceof Blob ? voice : await voice; // at once where it can: some browsers want it in the tap itself
      if (isWanted()) await this.#say(name, sound, how);
    } catch (error) {
      if (!isWanted()) return;
      this.stop();
      throw error;
    }
  }

  /** One's own reading, or one word of it. Nothing happens when the recording cannot be decoded here. */
  async replay(name: string, recording: Blob, span?: Span): Promise<void> {
    const isWanted = this.#expect(name);
    if (!isWanted()) return;
    const context = (this.#context ??= new AudioContext());
    try {
      await context.resume();
      const audio = await this.#decode(context, recording);
      if (isWanted()) this.#play(context, audio, name, span);
    } catch {
      if (isWanted()) this.stop();
    }
  }

  stop(): void {
    this.#epoch += 1;
    const stop = this.#stopCurrent;
    this.#stopCurrent = () => undefined;
    stop();
    this.playing.set(NOTHING);
  }

  /** May be heard again, after `close`. */
  open(): void {
    this.#isOpen = true;
  }

  /** Everything is let go, and nothing sounds any more. */
  close(): void {
    this.stop();
    this.#isOpen = false;
    this.#decoded = null;
    const context = this.#context;
    this.#context = null;
    void context?.close();
  }

  /** Ends what went before and shows what comes. → whether it is still wanted */
  #expect(name: string): () => boolean {
    this.stop();
    if (!this.#isOpen) return () => false;
    const epoch = this.#epoch;
    this.playing.set({ name, blocked: false });
    return () => epoch === this.#epoch;
  }

  async #say(name: string, voice: Blob, how: { readonly speed: number; readonly volume: number }): Promise<void> {
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
      if (ended() && error instanceof DOMException && error.name === "NotAllowedError") this.playing.set({ name: "", blocked: true });
    }
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

  /** → to call when it has ended by itself; tells whether it was still the one that sounds */
  #begin(name: string, stop: () => void): () => boolean {
    this.#stopCurrent = stop;
    this.playing.set({ name, blocked: false });
    return () => {
      if (this.#stopCurrent !== stop) return false;
      this.stop();
      return true;
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
