import { describe, expect, it } from "vitest";
import {
  avgPool2d,
  conv1d,
  conv2d,
  convTranspose2d,
  div,
  losses,
  maxPool2d,
  pad,
  softmax,
  softplus,
  sqrt,
  type Tensor,
  tensor,
  valueAndGrad,
  variance,
} from "../../src/index.ts";
import { expectClose, golden, goldenNames, load } from "./fixtures.ts";
import { recurrent } from "./recurrent.ts";

type Named = Readonly<Record<string, Tensor>>;
type Meta = Readonly<Record<string, number>>;
type Subject = (p: Named, meta: Meta) => Tensor[];

const bias = (y: Tensor, b: Tensor) => y.add(b.reshape([-1, ...new Array(y.rank - 2).fill(1)]));

function normalised(x: Tensor, axis: readonly number[], epsilon: number): Tensor {
  const centred = x.sub(x.mean({ axis, keepDims: true }));
  return div(centred, sqrt(variance(x, { axis, keepDims: true }).add(epsilon)));
}

const convolution: Subject = (p, { stride, padding, dilation, groups }) => [
  bias(conv2d(p.x!, p.w!, { stride: stride!, padding: padding!, dilation: dilation!, groups: groups! }), p.b!),
];

const subjects: Readonly<Record<string, Subject>> = {
  conv2d_s1p0d1g1: convolution,
  conv2d_s2p1d1g1: convolution,
  conv2d_s1p2d2g1: convolution,
  conv2d_s1p1d1g2: convolution,
  conv2d_s3p2d1g4: convolution,
  convTranspose2d_s2p1op1: (p, { stride, padding, outputPadding }) => [
    bias(convTranspose2d(p.x!, p.w!, { stride: stride!, padding: padding!, outputPadding: outputPadding! }), p.b!),
  ],
  conv1d_s2p1: (p, { stride, padding }) => [bias(conv1d(p.x!, p.w!, { stride: stride!, padding: padding! }), p.b!)],
  maxpool_k3s2: (p, { kernel, stride }) => [maxPool2d(p.x!, { size: kernel!, stride: stride! })],
  avgpool_k2: (p, { kernel }) => [avgPool2d(p.x!, { size: kernel! })],
  lrn_n5: (p, { size, alpha, beta, k }) => {
    const x = p.x!;
    const reach = (size! - 1) / 2;
    const channels = x.shape[1]!;
    const wide = pad(x.square(), { before: [0, reach, 0, 0], after: [0, reach, 0, 0] });
    let sum = wide.slice({ axis: 1, start: 0, stop: channels });
    for (let i = 1; i < size!; i++) sum = sum.add(wide.slice({ axis: 1, start: i, stop: i + channels }));
    return [
      x.div(
        sum
          .mul(alpha! / size!)
          .add(k!)
          .pow(beta!),
      ),
    ];
  },
  rnn_2layer: (p) => recurrent("rnn", p),
  lstm_2layer: (p) => recurrent("lstm", p),
  gru_2layer: (p) => recurrent("gru", p),
  crossEntropy: (p, { target }) => [
    losses.crossEntropy(p.x!, tensor(Int32Array.from(target as unknown as number[]), { device: p.x!.device })),
  ],
  layerNorm: (p, { eps }) => [normalised(p.x!, [-1], eps!).mul(p.w!).add(p.b!)],
  batchNorm_train: (p, { eps }) => {
    const perChannel = (t: Tensor) => t.reshape([-1, 1, 1]);
    return [normalised(p.x!, [0, 2, 3], eps!).mul(perChannel(p.w!)).add(perChannel(p.b!))];
  },
  broadcast_chain: (p) => [
    softplus(p.a!.mul(p.b!).add(p.c!)).tanh().sum({ axis: 1, keepDims: true }).div(p.b!.abs().mean()),
  ],
  attention_scaled_dot: (p) => {
    const scores = p.q!.matmul(p.k!.transpose()).div(Math.sqrt(p.q!.shape.at(-1)!));
    return [softmax(scores).matmul(p.v!)];
  },
};

const kinds = [
  { device: "plain", dtype: "float64", tolerance: 1e-9 },
  { device: "cpu", dtype: "float64", tolerance: 1e-9 },
  { device: "cpu", dtype: "float32", tolerance: 1e-4 },
] as const;

describe.each(kinds)("PyTorch's values and gradients on $device in $dtype", ({ device, dtype, tolerance }) => {
  it.each(Object.keys(subjects))("%s", async (name) => {
    const { meta, inputs, outputs, outGrads, grads } = golden(name);
    const point = Object.fromEntries(Object.entries(inputs).map(([key, stored]) => [key, load(stored, device, dtype)]));
    const results = subjects[name]!(point, meta);
    for (const [i, output] of outputs.entries()) await expectClose(results[i]!, output, tolerance, `output ${i}`);
    const cotangents = outGrads.map((stored) => load(stored, device, dtype));
    const { gradient } = valueAndGrad(point, (p) =>
      subjects[name]!(p, meta)
        .map((y, i) => y.mul(cotangents[i]!).sum())
        .reduce((a, b) => a.add(b)),
    );
    for (const [key, expected] of Object.entries(grads))
      await expectClose(gradient[key]!, expected, tolerance, `gradient of ${key}`);
  });
});

it("knows every case of the fixture", () => {
  const functions = goldenNames.filter((name) => !name.startsWith("optim_"));
  expect(Object.keys(subjects).sort()).toEqual(functions.sort());
});
