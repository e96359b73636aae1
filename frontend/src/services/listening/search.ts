import { BLANK, CLASSES } from "./phonemes";
import { at, SOUNDS, soundLogProbs, type Posteriors } from "./posteriors";
import type { SentenceGraph } from "./sentenceGraph";

/** What a way through the sentence pays for something that is not in it, in nats. */
export type Costs = {
  readonly substitute: number;
  readonly omit: number;
  /** Leaving out a whole word, per sound of it. */
  readonly skipSound: number;
  /** Per frame of sound between two words. */
  readonly garbage: number;
  /** Per frame of sound between two sounds of a word. */
  readonly insert: number;
};

/** At one frame: a sound is said, or another in its place; or it is quiet inside a word after a sound, or between words. */
export type Step =
  | { readonly kind: "said" | "replaced" | "inside"; readonly position: number }
  | { readonly kind: "between"; readonly junction: number };

/** The best way, one step per frame, and its score. Sounds and words that no step visits were left out. */
export type Way = { readonly steps: readonly Step[]; readonly score: number };

const IMPOSSIBLE = -1e9;
const START = -1;
const NO_WORD = -1;

/** What each frame adds to a way. */
type Emissions = {
  readonly sounds: Float64Array;
  readonly blank: Float64Array;
  readonly best: Float64Array;
  readonly second: Float64Array;
  readonly bestSound: Int32Array;
};

export type Listening = { readonly posteriors: Posteriors; readonly graph: SentenceGraph; readonly emissions: Emissions };

/** Everything that `bestWay` needs and that does not depend on costs. */
export function listeningTo(posteriors: Posteriors, graph: SentenceGraph): Listening {
  return { posteriors, graph, emissions: emissionsOf(posteriors) };
}

function emissionsOf(posteriors: Posteriors): Emissions {
  const { frames, logProbs } = posteriors;
  const sounds = soundLogProbs(posteriors);
  const blank = Float64Array.from({ length: frames }, (_, frame) => at(logProbs, frame * CLASSES + BLANK));
  const [best, second] = [new Float64Array(frames).fill(IMPOSSIBLE), new Float64Array(frames).fill(IMPOSSIBLE)];
  const bestSound = new Int32Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    for (let sound = 0; sound < SOUNDS; sound += 1) {
      const value = at(sounds, frame * SOUNDS + sound);
      if (value > at(best, frame)) {
        second[frame] = at(best, frame);
        best[frame] = value;
        bestSound[frame] = sound;
      } else if (value > at(second, frame)) second[frame] = value;
    }
  }
  return { sounds, blank, best, second, bestSound };
}

/**
 * Viterbi through the sentence: the way that explains the recording best, when what is not in the sentence costs.
 *
 * @param intact a word in which nothing may be wrong.
 */
export function bestWay(listening: Listening, costs: Costs, intact = NO_WORD): Way {
  const trellis = new Trellis(listening, costs, intact);
  for (let frame = 0; frame < listening.posteriors.frames; frame += 1) trellis.step(frame);
  return trellis.way();
}

/** States: said, replaced and inside for each position, then the junctions. Each remembers where it came from. */
class Trellis {
  readonly #graph: SentenceGraph;
  readonly #emissions: Emissions;
  readonly #costs: Costs;
  readonly #intact: number;
  readonly #frames: number;
  readonly #states: number;
  readonly #from: Int32Array;
  #score: Float64Array;
  #next: Float64Array;
  readonly #arrived: Float64Array;
  readonly #arrivedFrom: Int32Array;
  readonly #left: Float64Array;
  readonly #leftFrom: Int32Array;

  constructor({ posteriors: { frames }, graph, emissions }: Listening, costs: Costs, intact: number) {
    this.#graph = graph;
    this.#emissions = emissions;
    this.#costs = costs;
    this.#intact = intact;
    this.#frames = frames;
    this.#states = 3 * graph.positions + graph.words + 1;
    this.#from = new Int32Array(frames * this.#states);
    this.#score = new Float64Array(this.#states).fill(IMPOSSIBLE);
    this.#next = new Float64Array(this.#states);
    this.#arrived = new Float64Array(graph.words + 1);
    this.#arrivedFrom = new Int32Array(graph.words + 1);
    this.#left = new Float64Array(graph.positions);
    this.#leftFrom = new Int32Array(graph.positions);
  }

  step(frame: number): void {
    this.#leave();
    this.#arrive(frame);
    const { positions, words } = this.#graph;
    for (let position = 0; position < positions; position += 1) this.#move(frame, position);
    const between = Math.max(at(this.#emissions.blank, frame), at(this.#emissions.best, frame) - this.#costs.garbage);
    for (let junction = 0; junction <= words; junction += 1) {
      this.#enter(frame, 3 * positions + junction, at(this.#arrived, junction) + between, at(this.#arrivedFrom, junction));
    }
    [this.#score, this.#next] = [this.#next, this.#score];
  }

  /** The best state of each position, out of which it goes on. */
  #leave(): void {
    const { positions } = this.#graph;
    for (let position = 0; position < positions; position += 1) {
      let state = position;
      if (at(this.#score, positions + position) > at(this.#score, state)) state = positions + position;
      if (at(this.#score, 2 * positions + position) > at(this.#score, state)) state = 2 * positions + position;
      this.#left[position] = at(this.#score, state);
      this.#leftFrom[position] = state;
    }
  }

  /** Junctions just before a frame: waited at, reached out of the word before, or by leaving out words as a whole. */
  #arrive(frame: number): void {
    const { positions, words, chains, shortest } = this.#graph;
    for (let junction = 0; junction <= words; junction += 1) {
      this.#arrived[junction] = frame === 0 ? (junction === 0 ? 0 : IMPOSSIBLE) : at(this.#score, 3 * positions + junction);
      this.#arrivedFrom[junction] = frame === 0 ? START : 3 * positions + junction;
    }
    for (const { word, start, said } of frame === 0 ? [] : chains) {
      const last = start + said.length - 1;
      this.#reach(word + 1, at(this.#left, last), at(this.#leftFrom, last));
      if (said.length > 1 && word !== this.#intact) {
        this.#reach(word + 1, at(this.#left, last - 1) - this.#costs.omit, at(this.#leftFrom, last - 1));
      }
    }
    for (let word = 0; word < words; word += 1) {
      if (word === this.#intact) continue;
      const skipped = at(this.#arrived, word) - this.#costs.skipSound * (shortest[word] ?? 0);
      this.#reach(word + 1, skipped, at(this.#arrivedFrom, word));
    }
  }

  #reach(junction: number, score: number, from: number): void {
    if (score <= at(this.#arrived, junction)) return;
    this.#arrived[junction] = score;
    this.#arrivedFrom[junction] = from;
  }

  #move(frame: number, position: number): void {
    const { positions, place, word, sound, isLast } = this.#graph;
    const { best, second, bestSound, blank, sounds } = this.#emissions;
    const own = at(sound, position);
    const whole = at(word, position) === this.#intact;
    const [entered, from] = this.#entrance(position, at(place, position), at(word, position), whole);

    const saying = at(this.#score, position);
    const said = at(sounds, frame * SOUNDS + own);
    this.#enter(frame, position, Math.max(saying, entered) + said, saying >= entered ? position : from);

    const other = at(bestSound, frame) === own ? at(second, frame) : at(best, frame);
    const [replacing, replace] = [at(this.#score, positions + position), whole ? IMPOSSIBLE : entered - this.#costs.substitute];
    const replacedFrom = replacing >= replace ? positions + position : from;
    this.#enter(frame, positions + position, Math.max(replacing, replace) + other, replacedFrom);

    const quiet = whole ? at(blank, frame) : Math.max(at(blank, frame), at(best, frame) - this.#costs.insert);
    const inside = at(isLast, position) === 1 ? IMPOSSIBLE : at(this.#left, position) + quiet;
    this.#enter(frame, 2 * positions + position, inside, at(this.#leftFrom, position));
  }

  /** The best way to come to a position: from the one before it, or with that one left out. */
  #entrance(position: number, place: number, word: number, whole: boolean): readonly [number, number] {
    const before = (steps: number): readonly [number, number] =>
      place >= steps
        ? [at(this.#left, position - steps), at(this.#leftFrom, position - steps)]
        : [at(this.#arrived, word), at(this.#arrivedFrom, word)];
    const next = before(1);
    if (place === 0 || whole) return next;
    const [score, from] = before(2);
    return score - this.#costs.omit > next[0] ? [score - this.#costs.omit, from] : next;
  }

  #enter(frame: number, state: number, score: number, from: number): void {
    this.#next[state] = score;
    this.#from[frame * this.#states + state] = from;
  }

  way(): Way {
    this.#leave();
    this.#arrive(this.#frames);
    const { words } = this.#graph;
    const steps: Step[] = [];
    let state = at(this.#arrivedFrom, words);
    for (let frame = this.#frames - 1; frame >= 0; frame -= 1) {
      steps.push(this.#stepOf(state));
      state = at(this.#from, frame * this.#states + state);
    }
    return { steps: steps.toReversed(), score: at(this.#arrived, words) };
  }

  #stepOf(state: number): Step {
    const { positions } = this.#graph;
    if (state >= 3 * positions) return { kind: "between", junction: state - 3 * positions };
    const kind = (["said", "replaced", "inside"] as const)[Math.floor(state / positions)] ?? "inside";
    return { kind, position: state % positions };
  }
}
