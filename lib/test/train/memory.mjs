// memory.mjs cnn|lstm STEPS: trains, and prints the bytes in use after garbage collection every 100 steps, as JSON.
import { flatten, losses, nn, optim, random, relu, train } from "gradbook";

const [kind, steps] = [process.argv[2], Number(process.argv[3])];
const key = random.seed(1);
const size = 8;
const label = key.child("label").uniform([size], { high: 10 }).cast("int32");

class Tagger extends nn.Module {
  lstm = new nn.LSTM(8, 16);
  output = new nn.Linear(16, 10);
  forward(x) {
    const { output } = this.lstm.forward(x);
    return this.output.forward(output.mean({ axis: 1 }));
  }
}

const cnn = () =>
  new nn.Sequential([
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    relu,
    new nn.MaxPool2d(2),
    new nn.Conv2d(4, 8, 3),
    new nn.BatchNorm2d(8),
    relu,
    new nn.Dropout(0.2),
    (x) => flatten(x, 1),
    new nn.Linear(8 * 4 * 4, 10),
  ]);

const model = nn.init(kind === "cnn" ? cnn() : new Tagger(), { seed: 1 });
const x = key.child("x").normal(kind === "cnn" ? [size, 1, 12, 12] : [size, 10, 8]);
const samples = [];
const options = {
  loss: (m, batch) => losses.crossEntropy(m.forward(batch.x), batch.label),
  optimizer: optim.adam(),
  average: optim.movingAverage(),
  clipNorm: 1,
  epochs: steps,
};
for await (const { step } of train(model, [{ x, label }], options)) {
  if (step % 100 !== 0) continue;
  // Twice, with a turn between, so that what finalisers let go is counted, too.
  globalThis.gc();
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  samples.push(heapUsed + arrayBuffers + external);
}
console.log(JSON.stringify(samples));
