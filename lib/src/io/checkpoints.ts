import { join, mkdir, node, readdir, rename, rm } from "../device/node.ts";
import { loadState } from "../nn/load-state.ts";
import { type Module, state } from "../nn/module.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { Key } from "../random/key.ts";
import { ArgumentError, DataError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type CheckpointNote, readNote, sha256, verified } from "./checkpoint-note.ts";
import { writeWhole } from "./files.ts";
import { fromSafetensors, toSafetensors } from "./safetensors.ts";
import { packed, type Stateful, unpacked } from "./stateful.ts";

export interface CheckpointsOptions {
  /** How many of those saved last stay; 3 if not said. The best stays, too. */
  readonly keep?: number;
  /** Whether a metric is better when it is lower, such as a loss, or higher; lower if not said. */
  readonly better?: "lower" | "higher";
}

/** What goes into a checkpoint beside the model. */
export interface CheckpointParts {
  readonly optimizer: Optimizer;
  /** Whatever else remembers something, by name. */
  readonly others?: Readonly<Record<string, Stateful>>;
}

export interface CheckpointSaved extends CheckpointParts {
  /** The random keys in use, by name. */
  readonly keys?: Readonly<Record<string, Key>>;
  /** How good the model is; the best checkpoint is kept. */
  readonly metric?: number;
  /** How the run came about: `runCard({ seed: 1 })`. */
  readonly card?: Readonly<Record<string, string | number>>;
}

export interface CheckpointLoaded extends CheckpointParts {
  /** The one saved last, the best one, or the one of a step; the last if not said. */
  readonly which?: "last" | "best" | number;
}

/** What a checkpoint says of itself. */
export interface Checkpoint {
  readonly path: string;
  /** Updates made. */
  readonly step: number;
  /** Passes over the data completed, and batches of the one under way. */
  readonly epoch: number;
  readonly batch: number;
  readonly metric: number | null;
  readonly keys: Readonly<Record<string, Key>>;
  readonly card: Readonly<Record<string, string | number>>;
}

/**
 * Checkpoints of a training in a folder: parameters and buffers, the optimiser's state, random keys, step, metric and run
 * card, each in a folder of its own that is there as a whole or not at all. The last few stay, and the best. Training goes
 * on from one as if it had never stopped, bit for bit.
 *
 * @example
 * ```ts
 * import { Checkpoints, data, losses, nn, optim, random, train } from "gradbook";
 *
 * const points = new data.Dataset({ x: { values: Float32Array.of(1, 2, 3, 4), shape: [1], dtype: "float32" } });
 * const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
 * const optimizer = optim.adam({ rate: 0.1 });
 * const checkpoints = new Checkpoints("/tmp/line", { keep: 2 });
 * if (await checkpoints.last()) await checkpoints.load(model, { optimizer });
 *
 * const batches = points.batches({ size: 2, shuffle: random.seed(1) });
 * for await (const { loss } of train(model, batches, {
 *   loss: (m, { x }) => losses.squaredError(m.forward(x), x),
 *   optimizer,
 *   epochs: 3 - optimizer.epoch,
 * }))
 *   await checkpoints.save(model, { optimizer, metric: loss });
 * ```
 */
export class Checkpoints {
  readonly folder: string;
  readonly #keep: number;
  readonly #better: "lower" | "higher";
  /** Damaged checkpoints of which it has been said. */
  readonly #warned = new Set<string>();

  constructor(folder: string, { keep = 3, better = "lower" }: CheckpointsOptions = {}) {
    if (!(keep === Number.POSITIVE_INFINITY || (Number.isInteger(keep) && keep >= 1)))
      throw new ArgumentError("Checkpoints", `keep is ${keep}, expected a positive integer or Infinity.`);
    if (better !== "lower" && better !== "higher")
      throw new ArgumentError("Checkpoints", `better is ${String(better)}, expected lower or higher.`);
    this.folder = folder;
    this.#keep = keep;
    this.#better = better;
  }

  /** Writes a checkpoint of this step, and takes away those that are neither among the last nor the best. */
  async save(
    model: Module,
    { optimizer, others = {}, keys = {}, metric, card = {} }: CheckpointSaved,
  ): Promise<Checkpoint> {
    if (metric !== undefined && Number.isNaN(metric))
      throw new ArgumentError("Checkpoints", "metric is NaN, expected a number to compare with others.");
    const memory = { optimizer: optimizer.state(), others: statesOf(others) };
    const { json, tensors } = packed(memory, "Checkpoints");
    const files: Readonly<Record<string, Uint8Array>> = {
      "model.safetensors": await toSafetensors(new Map(state(model).map((place) => [place.path, place.get()]))),
      "state.safetensors": await toSafetensors(tensors),
    };
    const note: CheckpointNote = {
      gradbook: "checkpoint",
      version: 1,
      step: optimizer.step,
      saved: 1 + Math.max(0, ...(await this.#read()).whole.map((one) => one.note.saved ?? 0)),
      epoch: optimizer.epoch,
      batch: optimizer.batch,
      metric: metric ?? null,
      keys: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.words])),
      card,
      memory: json,
      sha256: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])),
    };
    const path = this.#pathOf(optimizer.step);
    await this.#write(path, { ...files, "checkpoint.json": new TextEncoder().encode(JSON.stringify(note, null, 2)) });
    await this.#tidy();
    return described(path, note);
  }

  /** Puts a checkpoint's values into a model and what trains it. */
  async load(model: Module, { optimizer, others = {}, which = "last" }: CheckpointLoaded): Promise<Checkpoint> {
    const found = await this.#find(which);
    const { path } = found;
    const note = await readNote(path);
    const [parameters, memory] = await Promise.all(
      ["model.safetensors", "state.safetensors"].map(async (name): Promise<Map<string, Tensor>> => {
        return fromSafetensors(await verified(join(path, name), note.sha256[name]), join(path, name));
      }),
    );
    const saved = unpacked(note.memory, memory!, path) as {
      optimizer: ReturnType<Optimizer["state"]>;
      others: Readonly<Record<string, never>>;
    };
    const [has, wanted] = [Object.keys(saved.others), Object.keys(others)].map((names) => names.sort().join(", "));
    if (has !== wanted)
      throw new ArgumentError(
        "Checkpoints",
        `the checkpoint has of others: ${has || "none"}; given: ${wanted || "none"}.`,
      );
    loadState(model, parameters!);
    optimizer.load(saved.optimizer);
    for (const [name, other] of Object.entries(others)) other.load(saved.others[name]!);
    return described(path, note);
  }

  /** All checkpoints in the folder, in the order of saving. Those with a damaged note are passed over, with a warning. */
  async list(): Promise<readonly Checkpoint[]> {
    return (await this.#read()).whole.map(({ path, note }) => described(path, note));
  }

  /** What can be read of the folder, and why the rest cannot. */
  async #read() {
    const names = await readdir(this.folder).catch(() => [] as string[]);
    const steps = names.filter((name) => /^step-\d{8,}$/.test(name)).sort((a, b) => stepOf(a) - stepOf(b));
    const whole: { readonly path: string; readonly note: CheckpointNote }[] = [];
    const damaged: { readonly step: number; readonly error: DataError }[] = [];
    for (const name of steps) {
      const path = join(this.folder, name);
      try {
        whole.push({ path, note: await readNote(path) });
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        damaged.push({ step: stepOf(name), error });
        if (!this.#warned.has(path)) node("process").emitWarning(`${error.message} This checkpoint is passed over.`);
        this.#warned.add(path);
      }
    }
    return { whole: whole.sort((a, b) => (a.note.saved ?? 0) - (b.note.saved ?? 0)), damaged };
  }

  /** The one saved last, or null. */
  async last(): Promise<Checkpoint | null> {
    return (await this.list()).at(-1) ?? null;
  }

  /** The one with the best metric, the first of equals, or null if none has a metric. */
  async best(): Promise<Checkpoint | null> {
    return this.#bestOf(await this.list());
  }

  #bestOf(list: readonly Checkpoint[]): Checkpoint | null {
    const sign = this.#better === "lower" ? 1 : -1;
    return list.reduce<Checkpoint | null>((best, one) => {
      if (one.metric === null) return best;
      return best === null || sign * one.metric < sign * best.metric! ? one : best;
    }, null);
  }

  async #find(which: "last" | "best" | number): Promise<Checkpoint> {
    const { whole, damaged } = await this.#read();
    const list = whole.map(({ path, note }) => described(path, note));
    const found =
      which === "last" ? list.at(-1) : which === "best" ? this.#bestOf(list) : list.find(({ step }) => step === which);
    if (found) return found;
    const broken = damaged.find(({ step }) => step === which) ?? (list.length === 0 ? damaged.at(-1) : undefined);
    if (broken) throw broken.error;
    const what = typeof which === "number" ? `one of step ${which}` : which === "best" ? "one with a metric" : "one";
    const there = list.length === 0 ? "none" : `those of steps ${list.map(({ step }) => step).join(", ")}`;
    throw new DataError("Checkpoints", `${this.folder} has ${there}, expected ${what}. save(model, …) writes one.`);
  }

  #pathOf(step: number): string {
    return join(this.folder, `step-${String(step).padStart(8, "0")}`);
  }

  /** All files beside their place first, then moved there together. */
  async #write(path: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const beside = `${path}.part`;
    await rm(beside, { recursive: true, force: true });
    await mkdir(beside, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeWhole(join(beside, name), [bytes], "Checkpoints");
    // One of the same step gives way, in one piece too.
    await rm(`${path}.old`, { recursive: true, force: true });
    await rename(path, `${path}.old`).catch(() => {});
    await rename(beside, path);
    await rm(`${path}.old`, { recursive: true, force: true });
  }

  async #tidy(): Promise<void> {
    const list = await this.list();
    const best = this.#bestOf(list);
    const old = list.slice(0, Math.max(0, list.length - this.#keep)).filter((one) => one.path !== best?.path);
    for (const { path } of old) {
      // Renamed first, so that no half of it is taken for a checkpoint.
      await rename(path, `${path}.old`);
      await rm(`${path}.old`, { recursive: true, force: true });
    }
  }
}

function stepOf(name: string): number {
  return Number(name.slice("step-".length));
}

function statesOf(others: Readonly<Record<string, Stateful>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(others).map(([name, other]) => [name, other.state()]));
}

function described(path: string, { step, epoch, batch, metric, keys, card }: CheckpointNote): Checkpoint {
  const named = Object.fromEntries(Object.entries(keys).map(([name, words]) => [name, new Key(words)]));
  return { path, step, epoch, batch, metric, keys: named, card };
}
