import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import * as gradbook from "../../src/index.ts";
import {
  accuracy,
  arange,
  argmax,
  avgPool2d,
  Confusion,
  capture,
  concat,
  conv1d,
  conv2d,
  convTranspose2d,
  data,
  evaluate,
  fromSafetensors,
  full,
  grad,
  jvp,
  linspace,
  load,
  losses,
  maxPool2d,
  nn,
  oneHot,
  ones,
  optim,
  pick,
  random,
  scatterAdd,
  scope,
  stack,
  type Tensor,
  tanh,
  tensor,
  train,
  valueAndGrad,
  vjp,
  zeros,
} from "../../src/index.ts";
import { type Mistake, refused } from "./refused.ts";

const folder = mkdtempSync(join(tmpdir(), "gradbook-misuse-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Calls that do not compile, as JavaScript or a notebook without checks may make them. */
// biome-ignore lint/suspicious/noExplicitAny: what no type allows.
const wrong = gradbook as any;

const matrix = zeros([2, 3]);
const whole = tensor([0, 1, 2], { dtype: "int32" });
const model = nn.init(new nn.Sequential([new nn.Linear(3, 4), tanh, new nn.Linear(4, 2)]), { seed: 1 });
const column = (n: number) => ({ values: new Float32Array(n), shape: [1], dtype: "float32" as const });
const digits = new data.Dataset({ x: column(3) });
const header = (json: string, rest = "") => {
  const bytes = new TextEncoder().encode(`________${json}${rest}`);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  return bytes;
};
async function trained(loss: (model: nn.Module) => Tensor, batches: Iterable<object> = [{}]): Promise<void> {
  for await (const _ of train(model, batches as never, { loss: loss as never, optimizer: optim.sgd({ rate: 0.1 }) }));
}

const making: readonly Mistake[] = [
  ["more zeros than memory has", () => zeros([2 ** 40]), /has 1099511627776 elements, expected at most 4294967296/],
  ["counting for ever", () => arange(1e300), /has 1e\+300 elements, expected at most/],
  ["rows of different lengths", () => tensor([[1, 2], [3]]), /row 1 has shape \[1\], row 0 has \[2\]\. All rows/],
  ["values that do not fill a shape", () => tensor([1, 2, 3], { shape: [2, 2] }), /3 values do not fill \[2, 2\]/],
  ["text among numbers", () => wrong.tensor(["a"]), /a value is string, expected numbers/],
  ["null among numbers", () => wrong.tensor([null]), /a value is null, expected numbers/],
  ["an unknown dtype", () => wrong.zeros([1], { dtype: "float16" }), /dtype float16, expected one of float32/],
  ["a negative size", () => zeros([2, -1]), /a size of \[2, -1\] is -1, expected whole sizes/],
  ["half a size", () => ones([1.5]), /a size of \[1\.5\] is 1\.5, expected whole sizes/],
  ["no size", () => full([Number.NaN], 1), /a size of \[NaN\] is NaN/],
  ["an endless range", () => arange(Number.POSITIVE_INFINITY), /stop is Infinity, expected a finite number/],
  ["a negative count", () => linspace(0, 1, -2), /a size of \[-2\] is -2/],
  ["classes past the last", () => oneHot(whole, 2), /index 2 at \[2\] is outside 0 … 1/],
  ["a class below 0", () => oneHot(tensor([-1], { dtype: "int32" }), 3), /index -1 at \[0\] is outside 0 … 2/],
  ["classes that are floats", () => wrong.oneHot(matrix, 3), /indices are float32, expected int32\. Cast them/],
  ["a seed of text", () => wrong.random.seed("x"), /x, expected an integer/],
  ["random numbers of no shape", () => random.seed(1).normal([-2]), /a size of \[-2\] is -2/],
  ["a probability above 1", () => random.seed(1).bernoulli([2], 1.2), /probability 1\.2, expected 0 … 1/],
];

const computing: readonly Mistake[] = [
  [
    "a tile larger than memory",
    () => matrix.tile([1, 2 ** 53]),
    /the result would be \[2, [0-9]+\], expected at most 4294967296 elements/,
  ],
  ["a derivative of digamma of no end", () => matrix.polygamma(1e300), /the order is 1e\+300, expected a whole number/],
  [
    "sizes that do not broadcast",
    () => matrix.add(zeros([2])),
    /last axis is 3 against 2\. Per row: y\.expandDims\(1\)/,
  ],
  ["an operand that is missing", () => wrong.add(matrix), /y is missing, expected a tensor or a number/],
  [
    "an array as operand",
    () => wrong.add(matrix, [1, 2, 3]),
    /y is an array, expected a tensor.*tensor\(\[1, 2, 3\]\)/,
  ],
  [
    "inner sizes that differ",
    () => zeros([64, 400]).matmul(zeros([120, 400])),
    /400 and 120 differ[\s\S]*x\.matmul\(w\.transpose\(\)\)/,
  ],
  ["a product of vectors", () => zeros([3]).matmul(zeros([3])), /both need at least two axes[\s\S]*x\.expandDims\(0\)/],
  ["a reshape to another size", () => matrix.reshape([4, 2]), /\[2, 3\] has 6 elements, \[4, 2\] has 8/],
  ["two sizes to be worked out", () => matrix.reshape([-1, -1]), /more than one −1/],
  ["an order that is none", () => matrix.transpose([0, 0]), /axes \[0, 0\] are not an order of the 2 axes/],
  ["squeezing an axis of two", () => matrix.squeeze(0), /axis 0 of \[2, 3\] has size 2, expected 1/],
  ["an axis outside", () => matrix.expandDims(5), /axis 5 of a tensor with 3 axes: axes are -3 … 2/],
  ["a sum over no such axis", () => matrix.sum({ axis: 2 }), /axis 2 of a tensor with 2 axes/],
  ["an axis in place of options", () => wrong.sum(matrix, 0), /the options are 0, expected an object: \{ axis: 0 \}/],
  ["options in place of an axis", () => wrong.argmax(matrix, { axis: 1 }), /axis is \{"axis":1\}, expected a number/],
  ["an axis named twice", () => matrix.sum({ axis: [0, 0] }), /name one axis twice/],
  ["the maximum of nothing", () => zeros([0]).max(), /\[0\] has no elements along the axis, so there is no max/],
  ["the place of the maximum of nothing", () => argmax(zeros([0])), /has no elements along axis -1/],
  ["a broadcast that is none", () => matrix.broadcastTo([3, 3]), /\[2, 3\] does not broadcast to \[3, 3\]/],
  ["a flip of no such axis", () => matrix.flip(3), /axis 3 of a tensor with 2 axes/],
  ["joining unlike shapes", () => concat([matrix, zeros([2, 4, 1])]), /differ in more than axis 0/],
  ["joining nothing", () => concat([]), /no tensors, expected at least one/],
  ["stacking unlike shapes", () => stack([matrix, zeros([3, 2])]), /\[1, 2, 3\] and \[1, 3, 2\] differ/],
  ["an index outside", () => matrix.take(tensor([5], { dtype: "int32" }), 1), /index 5 at \[0\] is outside 0 … 2/],
  [
    "an index that is a float",
    () => wrong.take(matrix, tensor([1])),
    /indices are float32, expected int32\. Cast them/,
  ],
  ["an array as indices", () => wrong.take(matrix, [1]), /indices is an array, expected a tensor/],
  ["too few indices", () => pick(matrix, tensor([0], { dtype: "int32" })), /expected one index for each row, \[2\]/],
  ["adding at no such axis", () => scatterAdd(matrix, whole, { axis: 4, size: 3 } as never), /axis/],
  ["padding for one axis of two", () => matrix.pad({ before: [1], after: [1] }), /expected one number for each axis/],
  ["channels that differ", () => conv2d(zeros([1, 3, 5, 5]), zeros([6, 1, 3, 3])), /3 channels, the filters expect 1/],
  [
    "an image without a batch",
    () => conv2d(zeros([3, 5, 5]), zeros([6, 3, 3, 3])),
    /One image as a batch: x\.expandDims\(0\)/,
  ],
  [
    "filters larger than the image",
    () => conv2d(zeros([1, 3, 2, 2]), zeros([6, 3, 5, 5])),
    /5×5 filters do not fit[\s\S]*Pad more/,
  ],
  [
    "groups that do not divide",
    () => conv2d(zeros([1, 3, 5, 5]), zeros([4, 1, 3, 3]), { groups: 2 }),
    /in each of 2 groups/,
  ],
  ["a sequence without channels", () => conv1d(zeros([3, 5]), zeros([6, 3, 3])), /expected \[batch, channels/],
  [
    "a transposed convolution of other channels",
    () => convTranspose2d(zeros([1, 3, 5, 5]), zeros([2, 3, 3, 3])),
    /channels/,
  ],
  ["windows larger than the image", () => maxPool2d(zeros([1, 1, 2, 2]), { size: 3 }), /windows of 3×3 do not fit/],
  [
    "means over windows that do not fit",
    () => avgPool2d(zeros([1, 1, 2, 2]), { size: 3 }),
    /windows of 3×3 do not fit/,
  ],
  [
    "reading six numbers as one",
    () => matrix.item(),
    /\[2, 3\] has 6 elements, expected 1\. Use data\(\) or toArray\(\)/,
  ],
  [
    "a tensor whose scope has ended",
    () => {
      let inside = matrix;
      scope(() => {
        inside = matrix.mul(2);
      });
      return inside.add(1);
    },
    /^add: this tensor was made in a scope that has ended, and its memory was given back\. Return it from/,
  ],
  [
    "a scope that waits",
    () => scope(async () => matrix.add(1)),
    /returned a promise, expected one that does not wait.*Return tensors.*await scope\(…\)\.data\(\)/,
  ],
];

const learning: readonly Mistake[] = [
  [
    "the derivative of many numbers",
    () => grad((x: Tensor) => x.mul(2))(matrix),
    /returned \[2, 3\], expected one number/,
  ],
  [
    "the derivative at whole numbers",
    () => grad((x: Tensor) => x.sum())(whole as Tensor),
    /int32, which has no derivative\. Cast it/,
  ],
  ["the derivative of no tensor", () => wrong.grad(() => 1)(matrix), /returned a number, expected a tensor/],
  ["a metric as loss", () => valueAndGrad(model, () => matrix.sum()), /no parameter of Sequential has an influence/],
  [
    "a cotangent of another shape",
    () => vjp((x) => x.exp(), matrix).pullBack(zeros([5])),
    /cotangent is \[5\], the value \[2, 3\]/,
  ],
  ["a tangent of another shape", () => jvp((x) => x.exp(), matrix, zeros([5])), /tangent is \[5\], the point \[2, 3\]/],
  [
    "other features",
    () => model.forward(zeros([5, 4])),
    /Sequential\.0, Linear\(3 → 4\): the input \[5, 4\] has 4 features/,
  ],
  ["a layer without features", () => new nn.Linear(0, 2), /inputs is 0, expected a positive integer/],
  [
    "parameters that were not drawn",
    () => new nn.Linear(2, 2).forward(zeros([1, 2])),
    /no values yet\. Draw them first: nn\.init/,
  ],
  ["dropping more than all", () => new nn.Dropout(1.5), /rate is 1\.5, expected 0 ≤ rate < 1/],
  ["values without names", () => nn.loadState(model, new Map()), /do not fit: missing 0\.weight/],
  ["too many labels", () => losses.crossEntropy(matrix, whole), /logits \[2, 3\] and labels \[3\]: expected one label/],
  [
    "a label past the last",
    () => losses.crossEntropy(matrix, tensor([1, 7], { dtype: "int32" })),
    /7 at \[1\] is outside 0 … 2/,
  ],
  [
    "truth values as labels",
    () => losses.crossEntropy(matrix, matrix.less(1)),
    /labels are bool, expected int32 classes/,
  ],
  [
    "a target of another shape",
    () => losses.squaredError(matrix, zeros([3, 2])),
    /the target \[3, 2\]; expected the same shape/,
  ],
  [
    "a target of another shape for truths",
    () => losses.binaryCrossEntropy(matrix, zeros([3])),
    /the target \[3\]; expected the same shape/,
  ],
  ["a width of nothing", () => losses.huber(matrix, matrix, { delta: 0 }), /delta is 0, expected a positive number/],
  ["a negative rate", () => optim.sgd({ rate: -1 }), /rate is -1, expected a positive number/],
  ["a rate that is none", () => optim.adam({ rate: Number.NaN }), /rate is NaN, expected a positive number/],
  ["a decay of 1", () => optim.adam({ beta1: 1 }), /beta1 is 1, expected 0 ≤ beta1 < 1/],
  [
    "scores and labels of other lengths",
    () => accuracy(matrix, zeros([5], { dtype: "int32" })),
    /expected one label for each row/,
  ],
  ["training on nothing", () => trained(() => matrix.sum(), []), /epoch 1 has no batches, expected at least one/],
  [
    "a loss of many numbers",
    () => trained((m) => (m as typeof model).forward(zeros([1, 3]))),
    /returned \[1, 2\], expected one number/,
  ],
  [
    "a loss that is no number",
    () =>
      trained((m) =>
        (m as typeof model)
          .forward(ones([1, 3]))
          .sum()
          .mul(Number.NaN),
      ),
    /loss became NaN at step 1.*smaller rate/,
  ],
  ["judging on nothing", () => evaluate(model, [], () => matrix.sum()), /no batches, expected at least one/],
  ["capturing what does not fit", () => capture(model, zeros([2, 9])), /has 9 features, expected 3/],
  ["a table of no classes", () => new Confusion(0), /0 classes, expected a positive integer/],
];

const reading: readonly Mistake[] = [
  [
    "a file that is no safetensors",
    () => fromSafetensors(new Uint8Array([1, 2, 3])),
    /too short for a safetensors header/,
  ],
  ["a header longer than the file", () => fromSafetensors(new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0, 1])), /too short/],
  ["a header that is no JSON", () => fromSafetensors(header("{nonsense")), /header/],
  [
    "values that are cut off",
    () => fromSafetensors(header('{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', "1234")),
    /w/,
  ],
  [
    "a dtype that is not read",
    () => fromSafetensors(header('{"w":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}', "1234")),
    /Q4/,
  ],
  [
    "a model from no file",
    () => load(model, join(folder, "none.safetensors")),
    /there is no such file\. A model is written/,
  ],
  [
    "a model from a damaged file",
    () => load(model, file("damaged.safetensors", "no tensors")),
    /damaged\.safetensors: .*too short/,
  ],
  [
    "a file that is no IDX",
    () => data.readIdx("digits", new Uint8Array([1, 2, 3, 4, 5])),
    /does not begin as an IDX file/,
  ],
  [
    "images that are cut off",
    () => data.readIdx("digits", new Uint8Array([0, 0, 8, 1, 0, 0, 0, 9, 1])),
    /holds 1 bytes, its header \[9\] announces 9/,
  ],
  ["columns of other lengths", () => new data.Dataset({ a: column(3), b: column(4) }), /a has 3 examples, b has 4/],
  ["no columns", () => new data.Dataset({}), /no columns, expected at least one/],
  ["an example past the last", () => digits.at(7), /example 7 is outside 0 … 2/],
  ["batches of nothing", () => digits.batches({ size: 0 }), /size/],
];

describe("a mistake in making tensors", () => refused(making));
describe("a mistake in computing", () => refused(computing));
describe("a mistake in learning", () => refused(learning));
describe("a mistake in reading", () => refused(reading));

it("are at least sixty", () => {
  expect(making.length + computing.length + learning.length + reading.length).toBeGreaterThanOrEqual(60);
});
