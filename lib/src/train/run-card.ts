import { currentDevice } from "../device/current.ts";
import { createHash, inNode, node, spawnSync } from "../device/node.ts";
import { type Module, state } from "../nn/module.ts";
import type { Optimizer } from "../optim/optimizer.ts";

/** What a result depends on: enough to say later how it came about. */
export interface RunCard {
  readonly date: string;
  readonly gradbook: string;
  readonly runtime: string;
  readonly platform: string;
  readonly device: string;
  readonly [what: string]: string | number;
}

/** Data as the card describes it: a `Dataset`. */
interface Examples {
  readonly length: number;
  readonly columns: Readonly<Record<string, { readonly values: ArrayBufferView }>>;
}

export interface RunCardOptions {
  /** Its kind, and how many numbers it holds. */
  readonly model?: Module;
  /** Its kind, updates and passes so far, and the rate. */
  readonly optimizer?: Optimizer;
  /** Data sets by name: how many examples, and a checksum of their values. */
  readonly data?: Readonly<Record<string, Examples>>;
}

/** The library's version. */
export const version = "0.1.0";

/**
 * A run card with your own entries (seed, rate …) beside versions, device, the commit of the working folder, and what can
 * be said of a model, an optimiser and data.
 *
 * @example
 * ```ts
 * import { nn, optim, runCard } from "gradbook";
 *
 * const model = nn.init(new nn.Linear(2, 3), { seed: 1 });
 * const card = runCard({ seed: 1 }, { model, optimizer: optim.sgd({ rate: 0.1 }) });
 * [card.seed, card.model, card.optimizer]; // [1, "Linear(2 → 3), 9 numbers", "sgd, rate 0.1, step 0, epoch 0"]
 * ```
 */
export function runCard(
  entries: Readonly<Record<string, string | number>> = {},
  { model, optimizer, data = {} }: RunCardOptions = {},
): RunCard {
  const commit = inNode ? gitState() : null;
  return {
    date: new Date().toISOString(),
    gradbook: version,
    ...whereItRuns(),
    device: currentDevice().name,
    ...(commit && { git: commit }),
    ...(model && { model: `${model.describe()}, ${numbersIn(model)} numbers` }),
    ...(optimizer && {
      optimizer: `${optimizer.name}, rate ${optimizer.rate}, step ${optimizer.step}, epoch ${optimizer.epoch}`,
    }),
    ...Object.fromEntries(Object.entries(data).map(([name, examples]) => [`data ${name}`, described(examples)])),
    ...entries,
  };
}

function whereItRuns(): Pick<RunCard, "runtime" | "platform"> {
  if (!inNode) {
    const { userAgent, platform } =
      (globalThis as { navigator?: { userAgent?: string; platform?: string } }).navigator ?? {};
    return { runtime: userAgent ?? "unknown", platform: platform ?? "unknown" };
  }
  const { versions, platform, arch } = node("process");
  return { runtime: `node ${versions.node}, v8 ${versions.v8}`, platform: `${platform} ${arch}` };
}

function numbersIn(model: Module): number {
  return state(model).reduce((sum, { get }) => sum + get().size, 0);
}

function described({ length, columns }: Examples): string {
  const hash = createHash("sha256");
  for (const [name, { values }] of Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return `${length} examples, sha256 ${hash.digest("hex").slice(0, 16)}`;
}

/** The commit of the working folder and whether something has changed since; `null` outside of a repository. */
function gitState(): string | null {
  const git = (...args: string[]) => spawnSync("git", args, { encoding: "utf8", timeout: 5000 });
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit.status !== 0) return null;
  const changes = git("status", "--porcelain", "--untracked-files=no");
  return `${commit.stdout.trim()}${changes.stdout.trim() === "" ? "" : ", with changes"}`;
}
