import type { Described } from "../../cpu/vector/describe.ts";
import type { DType, Expression, View } from "../../device.ts";
import { constantsOf, constantWord } from "../kernels/constants.ts";
import { type Kernel, type Launcher, MOST_WORDS } from "../launcher.ts";
import type { Walk } from "../layout.ts";
import { groupsFor, THREADS } from "../wgsl/program.ts";
import { sayOtherwise } from "./otherwise.ts";
import { helpers } from "./scalars.ts";
import { isSpoken, type KernelText, kernelText, MOST_AXES, names } from "./source.ts";
import { type Translated, type Translator, translatorBy } from "./translator.ts";

/** A compiled elementwise program and how it is started. */
export interface Compiled {
  readonly kernel: Kernel;
  readonly parameters: (inputs: readonly View[]) => number[];
  readonly groups: readonly [number, number, number];
}

/** A program of a structure, before it is known on what it runs; null where gpu.js does not do it. */
interface Template {
  readonly kernel: Kernel;
  readonly words: number;
  readonly constants: readonly number[];
  readonly starts: readonly number[];
  /** For each input, the places of its steps, from the innermost axis. */
  readonly steps: readonly (readonly number[])[];
}

/** Side of the square of threads of a kernel with two or three axes. */
const SIDE = 8;

/**
 * Elementwise programs by gpu.js, on our own device and launched with everything else. A translator that fails is asked no
 * more, since the next thing that it says may be wrong: from then on nothing is compiled here.
 */
export class Compiler {
  #translate: Translator | null;
  readonly #launcher: Launcher;
  readonly #templates = new Map<string, Template | null>();
  /** Programs that gpu.js has compiled. */
  compiled = 0;

  constructor(translate: Translator, launcher: Launcher) {
    this.#translate = translate;
    this.#launcher = launcher;
  }

  /** The program for an expression; undefined where gpu.js would not compute what is meant. */
  compile(
    expression: Expression,
    described: Described,
    walk: Walk,
    inputs: number,
    dtype: DType,
  ): Compiled | undefined {
    if (expression.dtype !== dtype || walk.shape.length > MOST_AXES) return undefined;
    const axes = Math.max(1, walk.shape.length);
    const groups = this.#groups(walk.shape);
    if (groups === undefined) return undefined;
    const key = `${described.key} ${axes}`;
    let template = this.#templates.get(key);
    if (template === undefined) {
      template = isSpoken(expression) ? this.#template(key, expression, inputs, axes) : null;
      this.#templates.set(key, template);
    }
    if (template === null) return undefined;
    const { kernel } = template;
    return { kernel, groups, parameters: (views) => parametersOf(template, expression, walk, views, groups) };
  }

  #groups(shape: readonly number[]): readonly [number, number, number] | undefined {
    if (shape.length < 2) return groupsFor(shape[0] ?? 1);
    const [x, y, z] = sizesOf(shape);
    const groups = [Math.ceil(x / SIDE), Math.ceil(y / SIDE), z] as const;
    const most = this.#launcher.gpu.limits.maxComputeWorkgroupsPerDimension;
    return groups.every((count) => count <= most) ? groups : undefined;
  }

  #template(key: string, expression: Expression, inputs: number, axes: number): Template | null {
    const text = kernelText(expression, inputs, axes);
    const translated = this.#translated(text, axes);
    if (translated === null || translated.bytes / 4 > MOST_WORDS) return null;
    const { code, arrays, scalars, bytes } = translated;
    this.compiled++;
    const kernel = this.#launcher.kernel(`gpu.js ${key}`, () => ({ code, reads: arrays, writes: 1 }));
    const place = (name: string) => scalars.get(name)! / 4;
    const each = Array.from({ length: inputs }, (_, i) => i);
    return {
      kernel,
      words: bytes / 4,
      constants: constantsOf(expression).map((_, i) => place(names.constant(i))),
      starts: each.map((i) => place(names.start(i))),
      steps: each.map((i) => Array.from({ length: axes }, (_, axis) => place(names.step(i, axis)))),
    };
  }

  #translated(text: KernelText, axes: number): Translated | null {
    try {
      return (
        this.#translate?.(
          text,
          axes,
          text.helpers.map((scalar) => helpers[scalar]!),
        ) ?? null
      );
    } catch (error) {
      this.#translate = null;
      sayOtherwise(error);
      return null;
    }
  }
}

/** A compiler by the gpu.js that `load` gives; null where that fails or is another one than is known. */
export async function compilerBy(load: () => Promise<unknown>, launcher: Launcher): Promise<Compiler | null> {
  try {
    const module = (await load()) as { readonly default?: unknown };
    return new Compiler(translatorBy(module.default ?? module), launcher);
  } catch (error) {
    sayOtherwise(error);
    return null;
  }
}

/** The sizes from the innermost axis, as gpu.js counts them. */
function sizesOf(shape: readonly number[]): [number, number, number] {
  const [x = 1, y = 1, z = 1] = shape.toReversed();
  return [x, y, z];
}

function parametersOf(
  template: Template,
  expression: Expression,
  walk: Walk,
  views: readonly View[],
  groups: readonly [number, number, number],
): number[] {
  const words = new Array<number>(template.words).fill(0);
  const [x, y, z] = sizesOf(walk.shape);
  words[0] = x;
  words[1] = y;
  words[2] = z;
  words[3] = walk.shape.length < 2 ? groups[0] * THREADS : 0;
  if (template.constants.length > 0)
    constantsOf(expression).forEach(({ value, dtype }, i) => {
      // Truth values are floats there.
      const float = dtype === "bool" ? Number(value !== 0) : value;
      words[template.constants[i]!] = constantWord({ value: float, dtype: "float32" });
    });
  for (let i = 0; i < views.length; i++) {
    words[template.starts[i]!] = views[i]!.offset;
    const steps = template.steps[i]!;
    const strides = walk.strides[i]!;
    for (let axis = 0; axis < strides.length; axis++) words[steps[axis]!] = strides[strides.length - 1 - axis]!;
  }
  return words;
}
