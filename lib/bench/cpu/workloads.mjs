// What cpu.mjs measures: names, and how much faster than PyTorch is aimed at. gradbook.mjs and pytorch.py have a function
// for each name, which does the same arithmetic on the same shapes.
export const workloads = [
  { name: "matmul 64", aim: 1.1 },
  { name: "matmul 256", aim: 0.97 },
  { name: "matmul 512", aim: 0.97 },
  { name: "matmul 1024", aim: 0.95 },
  { name: "matmul 2048", aim: 0.95 },
  { name: "sum(tanh(2x+1)), 1e6", aim: 5 },
  { name: "conv 64×1×28→6@5, both ways", aim: 2 },
  { name: "conv 64×16×14→32@3, both ways", aim: 1 },
  { name: "conv 32×64×56→64@3, both ways", aim: 0.9 },
  { name: "LeNet-5 step, batch 64", aim: 1.8 },
  { name: "LSTM 256, 35×32, both ways", aim: 1.2 },
  { name: "GRU 256, 35×32, both ways", aim: 1.2 },
  { name: "transformer layer 256, 8×128, both ways", aim: 1.1 },
  { name: "1,000 adds of 16, both ways", aim: 10 },
  { name: "softmax 1024×1000", aim: 1.5 },
  { name: "layer norm 1024×256", aim: 1 },
  { name: "argmax 1024×1000", aim: 3 },
  { name: "embedding 10000×256, 35×32", aim: 1 },
];
