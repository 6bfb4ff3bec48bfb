import { describe } from "vitest";
import { losses, maskedSoftmax, nn, ones, tensor, where, zeros } from "../../src/index.ts";
import { type Mistake, refused } from "./refused.ts";

const x = zeros([2, 3, 4]);
const truths = x.greater(0);
const lstm = nn.init(new nn.LSTM(4, 5), { seed: 1 });
const attention = nn.init(new nn.MultiheadAttention(4, 2), { seed: 1 });

const mistakes: readonly Mistake[] = [
  ["a mask of floats", () => attention.forward(x, x, x, { mask: ones([3, 3]) }), /mask is float32, expected bool/],
  [
    "a mask of another shape",
    () => attention.forward(x, x, x, { mask: zeros([5, 3]).equal(0) }),
    /the mask \[5, 3\] does not broadcast to the scores \[2, 2, 3, 3\]/,
  ],
  [
    "lengths for attention past the end",
    () => attention.forward(x, x, x, { lengths: [3, 9] }),
    /length 9 of sequence 1, expected 1 … 3/,
  ],
  [
    "fewer lengths than sequences",
    () => attention.forward(x, x, x, { lengths: [3] }),
    /1 lengths for scores \[2, 2, 3, 3\], expected 2/,
  ],
  [
    "a sequence of no length",
    () => attention.forward(x, x, x, { lengths: [0, 3] }),
    /length 0 of sequence 0, expected 1 … 3/,
  ],
  [
    "lengths for a recurrent net past the end",
    () => lstm.forward(x, { lengths: [2, 4] }),
    /length 4 of sequence 1, expected a whole number from 1 to 3/,
  ],
  [
    "fewer lengths than rows",
    () => lstm.forward(x, { lengths: [2] }),
    /1 lengths for 2 sequences, expected one for each/,
  ],
  ["half a length", () => lstm.forward(x, { lengths: [1.5, 2] }), /length 1\.5 of sequence 0, expected a whole number/],
  [
    "a softmax with a mask of another shape",
    () => maskedSoftmax(x, zeros([7]).equal(0)),
    /\[2, 3, 4\] and \[7\] do not broadcast: the last axis is 4 against 7/,
  ],
  ["a choice by a condition of another shape", () => where(zeros([5]).equal(0), x, x), /do not broadcast/],
  ["truth values as an index", () => x.at(truths as never), /truth values, whose number decides the shape/],
  [
    "every label masked away",
    () => losses.crossEntropy(zeros([2, 3]), tensor([9, 9], { dtype: "int32" }), { ignoreIndex: 4 }),
    /9 at \[0\] is outside 0 … 2/,
  ],
];

describe("a mistake with masks and lengths", () => refused(mistakes));
