// What cpu.mjs measures: names, and how much faster than PyTorch is aimed at; `aimShared` on several threads, where that is
// another. gradbook.mjs and pytorch.py have a function for each name, which does the same arithmetic on the same shapes.
// `operations` are the multiplications and additions of products and convolutions alone: what the machine's peak says of
// the least time that a workload can take.
const product = (n) => 2 * n ** 3;
/** Both ways three times as much as forward: the gradients of the images and of the filters are convolutions again. */
const convolution = (images, channels, size, filters, taps) => 2 * images * filters * size ** 2 * channels * taps ** 2;
const lenet = () => {
  const [first, second] = [convolution(64, 1, 28, 6, 5), convolution(64, 6, 10, 16, 5)];
  const linear = 2 * 64 * (400 * 120 + 120 * 84 + 84 * 10);
  // Nobody asks for the gradient of the images.
  return 2 * first + 3 * (second + linear);
};
/** The input's part has no gradient of the input, the state's part has all three. */
const recurrent = (gates) => 5 * 2 * 35 * 32 * 256 * gates * 256;
const transformer = () => {
  const places = 8 * 128;
  const [queriesKeysValues, others] = [3 * 256 ** 2, 256 ** 2 + 2 * 256 * 1024];
  const scores = 2 * 8 * 128 ** 2 * 256;
  return 2 * (places * (2 * queriesKeysValues + 3 * others) + 3 * scores);
};

export const workloads = [
  { name: "matmul 64", aim: 1.1, operations: product(64) },
  { name: "matmul 256", aim: 0.97, operations: product(256) },
  { name: "matmul 512", aim: 0.97, operations: product(512) },
  { name: "matmul 1024", aim: 0.95, operations: product(1024) },
  { name: "matmul 2048", aim: 0.95, operations: product(2048) },
  { name: "sum(tanh(2x+1)), 1e6", aim: 5 },
  { name: "sum(tanh(2x+1)), 1e7", aim: 5 },
  { name: "conv 64×1×28→6@5, both ways", aim: 2, operations: 3 * convolution(64, 1, 28, 6, 5) },
  { name: "conv 64×16×14→32@3, both ways", aim: 1, operations: 3 * convolution(64, 16, 14, 32, 3) },
  { name: "conv 32×64×56→64@3, both ways", aim: 0.9, operations: 3 * convolution(32, 64, 56, 64, 3) },
  { name: "conv 64×1×28→6@5, forward", aim: 1, operations: convolution(64, 1, 28, 6, 5) },
  { name: "conv 64×16×14→32@3, forward", aim: 1, operations: convolution(64, 16, 14, 32, 3) },
  { name: "conv 32×64×56→64@3, forward", aim: 0.9, operations: convolution(32, 64, 56, 64, 3) },
  { name: "LeNet-5 step, batch 64", aim: 1.8, aimShared: 1.5, operations: lenet() },
  { name: "LSTM 256, 35×32, both ways", aim: 1.2, operations: recurrent(4) },
  { name: "GRU 256, 35×32, both ways", aim: 1.2, operations: recurrent(3) },
  { name: "transformer layer 256, 8×128, both ways", aim: 1.1, operations: transformer() },
  { name: "1,000 adds of 16, both ways", aim: 10 },
  { name: "softmax 1024×1000", aim: 1.5 },
  { name: "layer norm 1024×256", aim: 1 },
  { name: "argmax 1024×1000", aim: 3 },
  { name: "embedding 10000×256, 35×32", aim: 1 },
  { name: "gelu, 1e6", aim: 0.7 },
  { name: "sort, 1e6", aim: 1 },
  { name: "normal numbers, 1e6", aim: 0.4 },
];
