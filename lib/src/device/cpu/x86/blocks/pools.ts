import { isAddressable } from "../bounds.ts";
import type { Loader, MachineFunction } from "../native.ts";
import { MOST_SHARES, shareOf, stepFor, type Team } from "../team/team.ts";
import { poolMax, poolParameters, poolPlace, poolSpread, poolWords } from "./pool.ts";

/** Images of one channel: how many, and their windows of 2 × 2 side by side. Everything is contiguous from its start on. */
export interface PoolShape {
  readonly planes: number;
  /** Of pixels. */
  readonly height: number;
  readonly width: number;
}

/** Words from the parameters of a call to the next ones. */
const STEP = stepFor(poolWords.all);
/** Where the parameters lie. */
const place = Object.fromEntries(poolParameters.map((name, i) => [name, i])) as Readonly<
  Record<(typeof poolParameters)[number], number>
>;
/** Pixels in a nanosecond, about. */
const SPEED = 3;

type Pixels = { readonly values: Float32Array; readonly start: number };

/** Kernels for windows of 2 × 2, on the arrays themselves. What would leave one is refused. */
export class Pools {
  readonly #max;
  readonly #place;
  readonly #spread;
  readonly #words = new Int32Array(STEP * MOST_SHARES);
  readonly #team: Team;

  constructor(load: Loader, team: Team) {
    this.#team = team;
    this.#max = load(poolMax(), 3);
    this.#place = load(poolPlace(), 3);
    this.#spread = load(poolSpread(), 4);
    for (let task = 0; task < MOST_SHARES; task++)
      for (let value = 0; value < 4; value++) {
        const place = task * STEP + poolWords.constants + value * 8;
        this.#words.fill(value, place, place + 8);
      }
  }

  /** The largest of each window. */
  max(x: Pixels, out: Float32Array, shape: PoolShape): void {
    this.#run(this.#max, x, out.length, shape, [x.values, out]);
  }

  /** Where in its window the largest is, from 0 to 3. */
  place(x: Pixels, out: Int32Array, shape: PoolShape): void {
    this.#run(this.#place, x, out.length, shape, [x.values, out]);
  }

  /** Writes all pixels: what belongs to a window at its place, else zeros. Windows must cover them. */
  spread(values: Float32Array, places: Int32Array, out: Float32Array, shape: PoolShape): void {
    const { planes, height, width } = shape;
    const fits = out.length === planes * height * width && places.length === values.length;
    if (height % 2 > 0 || width % 2 > 0 || !fits || !(places instanceof Int32Array))
      throw new RangeError("x86: windows do not cover what is to be spread over.");
    this.#run(this.#spread, { values: out, start: 0 }, values.length, shape, [out, values, places]);
  }

  /** Planes are split among threads. */
  #run(
    run: MachineFunction,
    { values, start }: Pixels,
    windows: number,
    { planes, height, width }: PoolShape,
    arrays: readonly ArrayBufferView[],
  ): void {
    const [lines, across] = [height >> 1, width >> 1];
    const whole = [planes, lines, across].every((n) => Number.isInteger(n) && n >= 1);
    const inside = start >= 0 && start + planes * height * width <= values.length && isAddressable(values);
    if (!whole || !inside || windows !== planes * lines * across)
      throw new RangeError(`x86: windows of ${planes} images of ${height} × ${width} leave their arrays.`);
    const rest = across % 8;
    const tasks = this.#team.shares(planes, (planes * height * width) / SPEED);
    for (let task = 0; task < tasks; task++) {
      const [first, end] = [shareOf(planes, tasks, task), shareOf(planes, tasks, task + 1)];
      const words = this.#words.subarray(task * STEP, (task + 1) * STEP);
      words[place.largeStart] = (start + first * height * width) * 4;
      words[place.smallStart] = first * lines * across * 4;
      words[place.placeStart] = first * lines * across * 4;
      words[place.row] = width * 4;
      words[place.planeRest] = (height % 2) * width * 4;
      words[place.planes] = end - first;
      words[place.lines] = lines;
      words[place.whole] = across >> 3;
      words[place.rest] = rest;
      // A line ends one row and the columns that are left over before the next begins.
      words[place.windows] = rest * 4;
      words[place.pixels] = (width + (width % 2)) * 4;
      words.fill(0, poolWords.windowMask, poolWords.windowMask + 24);
      words.fill(-1, poolWords.windowMask, poolWords.windowMask + rest);
      words.fill(-1, poolWords.pixelMask, poolWords.pixelMask + 2 * rest);
    }
    this.#team.run(run, this.#words, STEP, { tasks }, arrays);
  }
}
