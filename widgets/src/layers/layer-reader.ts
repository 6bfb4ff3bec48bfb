import { sizes, type TensorLike, tensorOf, type Values, valuesOf } from "../data.ts";
import { mapSizes } from "../feature-maps.ts";
import { filterSizes } from "../filters.ts";
import { kindOf } from "../kind.ts";
import type { ExplorerParts, OfInput } from "./parts.ts";

const who = "layerExplorer";

const expectedInputs = "expected [n, height, width] or [n, 1 or 3, height, width]";

/** Reads what is explored, and checks it. */
export class LayerReader<Input> {
  readonly #parts: ExplorerParts<Input>;
  readonly names: readonly string[];
  readonly overlayNames: readonly string[];
  readonly inputCount: number;

  /** @throws TypeError or RangeError for what can be seen to be wrong before anything is computed */
  constructor(parts: ExplorerParts<Input>) {
    const { layers, inputs, inputLabels, overlays = {} } = parts;
    this.#parts = parts;
    this.names = Object.keys(layers ?? {});
    this.overlayNames = Object.keys(overlays);
    if (this.names.length === 0)
      throw new TypeError(`${who}: there are no layers, expected { layers: { c1: { filters: … } } }.`);
    for (const name of this.names) {
      const { filters, maps } = layers[name]!;
      if (filters === undefined && maps === undefined)
        throw new TypeError(`${who}: ${place(name)} has neither filters nor maps. Give one of them.`);
      if (maps !== undefined && inputs === undefined)
        throw new TypeError(
          `${who}: ${place(name)} has maps, and there are no inputs to compute them for. Give inputs.`,
        );
      if (filters !== undefined && typeof filters !== "function")
        filterSizes(`${who}: ${place(name)}.filters`, tensorOf(who, filters, `${place(name)}.filters is none.`).shape);
    }
    if (inputs === undefined && this.overlayNames.length > 0)
      throw new TypeError(`${who}: there are overlays and no inputs to lay them over. Give inputs.`);
    this.inputCount = inputs === undefined ? 0 : imageSizes(tensorOf(who, inputs, `inputs are none.`).shape)[0];
    if (inputLabels && inputLabels.length !== this.inputCount)
      throw new RangeError(
        `${who}: ${inputLabels.length} inputLabels for ${this.inputCount} inputs. Give one for each.`,
      );
  }

  /** The filters of every layer that has them. Their tensors are asked for at once. */
  filters(): Promise<(Values | undefined)[]> {
    return Promise.all(
      this.names.map(async (name) => {
        const { filters } = this.#parts.layers[name]!;
        if (filters === undefined) return undefined;
        const values = await valuesOf(`${who}: ${place(name)}.filters`, filters, "");
        filterSizes(`${who}: ${place(name)}.filters`, values.shape);
        return values;
      }),
    );
  }

  hasMaps(layer: number): boolean {
    return this.#parts.layers[this.names[layer] ?? ""]?.maps !== undefined;
  }

  /** All inputs as [n, 1 or 3, height, width]. */
  async images(): Promise<Values> {
    const { shape, values } = await valuesOf(`${who}: inputs`, this.#parts.inputs!, "");
    return { shape: imageSizes(shape), values };
  }

  /** What a layer makes of an input, [channels, height, width]. */
  async maps(layer: number, input: number): Promise<Values> {
    const name = this.names[layer]!;
    const values = await this.#made(`${place(name)}.maps`, this.#parts.layers[name]!.maps!, input);
    const { channels, height, width } = mapSizes(`${who}: ${place(name)}.maps`, values.shape);
    return { ...values, shape: [channels, height, width] };
  }

  /** What lies over an input, [height, width]. */
  async overlay(name: string, input: number): Promise<Values> {
    const values = await this.#made(`overlays[${JSON.stringify(name)}]`, this.#parts.overlays![name]!, input);
    const [height, width] = values.shape.slice(-2);
    const leading = values.shape.slice(0, -2);
    if (!height || !width || leading.some((size) => size !== 1))
      throw new RangeError(
        `${who}: overlays[${JSON.stringify(name)}] gave ${sizes(values.shape)}, expected [height, width] or [1, height, width].`,
      );
    return { ...values, shape: [height, width] };
  }

  async #made(what: string, make: OfInput<Input>, index: number): Promise<Values> {
    const made = await make(this.#input(index), index);
    if (made === undefined || made === null)
      throw new TypeError(
        `${who}: ${what} gave ${kindOf(made)} for input ${index}, expected a tensor. Is its name right?`,
      );
    return valuesOf(`${who}: ${what}`, made, `It came for input ${index}.`);
  }

  /** One input, by the tensor's own method where it has one, so that a model can go on with it. */
  #input(index: number): Input {
    const inputs = this.#parts.inputs!;
    if (typeof inputs.at === "function") return inputs.at(index);
    const shape = inputs.shape.slice(1);
    const size = shape.reduce((product, length) => product * length, 1);
    const part: TensorLike = {
      shape,
      data: async () => Array.prototype.slice.call(await inputs.data(), index * size, (index + 1) * size),
    };
    return part as Input;
  }
}

function place(name: string): string {
  return `layers.${name}`;
}

function imageSizes(shape: readonly number[]): [count: number, planes: 1 | 3, height: number, width: number] {
  const planes = shape.length === 4 ? shape[1] : 1;
  const [count, height, width] = [shape[0], shape.at(-2), shape.at(-1)];
  const fits = (shape.length === 3 || shape.length === 4) && (planes === 1 || planes === 3);
  if (!fits || !count || !height || !width)
    throw new RangeError(`${who}: inputs are ${sizes(shape)}; ${expectedInputs}.`);
  return [count, planes, height, width];
}
