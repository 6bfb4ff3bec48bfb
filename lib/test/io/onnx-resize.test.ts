import { describe, expect, it } from "vitest";
import { fromOnnx, random, type Tensor } from "../../src/index.ts";
import { encodeModel } from "../../src/io/onnx/schema.ts";
import { refused } from "../misuse/refused.ts";
import { runtime } from "./onnx-runtime.ts";

const floats = (name: string, values: readonly number[]) => ({
  name,
  dataType: 1,
  dims: [BigInt(values.length)],
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});
const text = (name: string, value: string) => ({ name, type: 3, s: new TextEncoder().encode(value) });
const flag = (name: string) => ({ name, type: 2, i: 1n });

interface Resize {
  readonly scales?: readonly number[];
  readonly sizes?: readonly number[];
  readonly attributes?: readonly (ReturnType<typeof text> | ReturnType<typeof flag>)[];
}

/** A model that resizes its input and does nothing else. */
function model({ scales = [], sizes, attributes = [] }: Resize): Uint8Array {
  const info = (name: string) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: [{}, {}, {}, {}] } } } });
  const bytes = new Uint8Array(BigInt64Array.from(sizes ?? [], BigInt).buffer);
  return encodeModel({
    irVersion: 8n,
    opsetImport: [{ domain: "", version: 18n }],
    graph: {
      name: "resize",
      node: [
        {
          opType: "Resize",
          input: sizes ? ["x", "", "", "sizes"] : ["x", "", "scales"],
          output: ["y"],
          attribute: attributes,
        },
      ],
      initializer: [
        ...(sizes ? [{ name: "sizes", dataType: 7, dims: [4n], rawData: bytes }] : [floats("scales", scales)]),
      ],
      input: [info("x")],
      output: [info("y")],
    },
  });
}

const x = random.seed(4).normal([2, 3, 5, 7]);
const ways = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"];
const roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

describe.skipIf(runtime === null)("images in another size", () => {
  it.each(ways)("are as in ONNX Runtime, %s", async (way) => {
    const modes = [[text("mode", "linear")], ...roundings.map((rounding) => [text("nearest_mode", rounding)])];
    const targets: Resize[] = [
      ...[1.3, 1.4, 0.7, 2, 0.5, 3.3].map((scale) => ({ scales: [1, 1, scale, 1.9] })),
      { scales: [1, 1, 0.3, 0.2] },
      { sizes: [2, 3, 8, 4] },
      { sizes: [2, 3, 1, 14] },
    ];
    for (const mode of modes)
      for (const target of targets) {
        const file = model({ ...target, attributes: [...mode, text("coordinate_transformation_mode", way)] });
        const { y } = await runtime!.run(file, { x });
        const found = await (fromOnnx(file).forward(x) as Tensor).data();
        const what = `${new TextDecoder().decode(mode[0]!.s)} ${JSON.stringify(target)}`;
        expect(found.length, what).toBe(y!.length);
        for (const [i, value] of found.entries()) expect(Math.abs(value - y![i]!), what).toBeLessThan(1e-5);
      }
  });
});

describe("resizing that is not supported", () => {
  const scales = [1, 1, 2, 2];
  const attempt = (resize: Resize) => () => fromOnnx(model(resize)).forward(x);
  refused([
    ["cubic", attempt({ scales, attributes: [text("mode", "cubic")] }), /resizing by cubic, which is not supported/],
    ["antialiased", attempt({ scales, attributes: [flag("antialias")] }), /antialias, which is not supported/],
    [
      "cropped",
      attempt({ scales, attributes: [text("coordinate_transformation_mode", "tf_crop_and_resize")] }),
      /resizing with tf_crop_and_resize, which is not supported/,
    ],
    ["more channels", attempt({ scales: [1, 2, 2, 2] }), /resizing batch or channels, which is not supported/],
    ["neither scales nor sizes", attempt({}), /no scales, no sizes, which is not supported/],
  ]);
});
