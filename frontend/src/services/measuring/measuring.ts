import type { AudioTransport } from "../audioTransport";
import { newId, type Environment } from "../environment";
import { ConnectionWatch } from "./connectionWatch";
import { deliveryTo } from "./delivery";
import { Outbox } from "./outbox";
import { ReadingWatch } from "./readingWatch";
import { VisibleTime } from "./visibleTime";

/** Whose measurements they are, and at which stage of the rollout that user's page is. */
export type Measured = { readonly token: string; readonly stage: number };

export type MeasuringOptions = {
  readonly baseUrl: string;
  readonly environment: Environment;
  readonly measured: Measured;
  readonly isHidden: boolean;
};

/**
 * How one user's page does over the two ways, told to the server, which leads the rollout by it.
 *
 *     transport ─states─→ ConnectionWatch ─┐
 *               ─steps──→ ReadingWatch ────┴─→ Outbox ─batches─→ POST /api/measurements
 *               ─events─↗
 */
export class Measuring {
  private measured: Measured;
  private readonly time: VisibleTime;
  private readonly outbox: Outbox;
  private readonly connection: ConnectionWatch;
  private readonly readings: ReadingWatch;
  private readonly transport: AudioTransport;
  private readonly stops: readonly (() => void)[];

  constructor(transport: AudioTransport, { baseUrl, environment, measured, isHidden }: MeasuringOptions) {
    this.transport = transport;
    this.measured = measured;
    this.time = new VisibleTime(environment.now);
    this.time.setHidden(isHidden);
    this.outbox = new Outbox(environment, newBatchId, deliveryTo(baseUrl, () => this.measured.token, environment));
    const common = {
      stage: () => this.measured.stage,
      measured: this.outbox.add.bind(this.outbox),
    };
    this.connection = new ConnectionWatch({ ...common, now: () => this.time.now() });
    this.readings = new ReadingWatch({
      ...common,
      now: () => this.time.now(),
      transport: () => transport.status.transport,
      isOnline: environment.isOnline,
    });
    this.connection.saw(transport.status);
    this.stops = [
      transport.onState((status) => { this.connection.saw(status); }),
      transport.onStep((step) => { this.readings.stepped(step); }),
      transport.onEvent((event) => { this.readings.happened(event); }),
    ];
  }

  /** A newer token, or another stage. */
  update(measured: Measured): void {
    this.measured = measured;
  }

  /** Somebody looks at the page, or at another one. A hidden page may end without a word. */
  setHidden(isHidden: boolean): void {
    this.time.setHidden(isHidden);
    if (isHidden) this.outbox.flush();
  }

  /** The page goes away. */
  left(): void {
    this.connection.left();
    this.outbox.flush();
  }

  /** The page is there again as it was. */
  back(): void {
    this.connection.saw(this.transport.status);
  }

  /** The user has left. What was measured is sent, but not again. */
  stop(): void {
    for (const stop of this.stops) stop();
    this.left();
    this.outbox.stop();
  }
}

/** A UUID; `crypto.randomUUID` is there on secure pages only. */
function newBatchId(): string {
  const hex = newId();
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join("-");
}
