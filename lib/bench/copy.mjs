// The copy task (Graves, Wayne and Danihelka 2014), small: a neural Turing machine reads 1 to 6 rows of 4 bits and writes
// them down from memory; then longer ones than it ever saw. Beside it a long short-term memory without a memory to read.
// node lib/bench/copy.mjs prints the bits that are wrong and saves results/copy.json. Some minutes.
import { mkdirSync, writeFileSync } from "node:fs";
import { losses, nn, optim, random, tensor, valueAndGrad } from "../dist/index.js";

const settings = {
  bits: 4,
  longest: 6,
  steps: 2000,
  batch: 16,
  rate: 1e-2,
  clip: 5,
  seed: 1,
  slots: 16,
  width: 8,
  hidden: 32,
};
const { bits, longest, steps, batch, rate, clip, seed, slots, width, hidden } = settings;

/** Rows, a mark, and silence in which the rows are to be repeated: bits, and one channel for the mark. */
function drawn(key, count, length) {
  const time = 2 * length + 1;
  const words = key.bits(count * length * bits);
  const x = new Float32Array(count * time * (bits + 1));
  const y = new Float32Array(count * length * bits);
  words.forEach((word, i) => {
    const [s, rest] = [Math.floor(i / (length * bits)), i % (length * bits)];
    y[i] = (word >>> 8) & 1;
    x[(s * time + Math.floor(rest / bits)) * (bits + 1) + (rest % bits)] = y[i];
  });
  for (let s = 0; s < count; s++) x[(s * time + length) * (bits + 1) + bits] = 1;
  return { x: tensor(x, { shape: [count, time, bits + 1] }), y: tensor(y, { shape: [count, length, bits] }) };
}

const answered = (output, length) => output.slice({ axis: 1, start: -length });

class Plain extends nn.Module {
  reader = new nn.LSTM(bits + 1, 64);
  output = new nn.Linear(64, bits);
  forward = (x) => ({ output: this.output.forward(this.reader.forward(x).output) });
}

async function run(name, model) {
  nn.init(model, { seed });
  const optimizer = optim.adam({ rate: (step) => rate * Math.min(1, (1.1 * steps - step) / (steps / 2)) });
  const started = performance.now();
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    const key = random.seed(seed).child("train").child(step);
    const length = 1 + ((key.child("length").bits(1)[0] >>> 8) % longest);
    const { x, y } = drawn(key, batch, length);
    const { value, gradient } = valueAndGrad(model, (m) =>
      losses.binaryCrossEntropy(answered(m.forward(x).output, length), y),
    );
    const scale = Math.min(1, clip / (await optim.gradientNorm(gradient).item()));
    optimizer.update(model, new Map([...gradient].map(([path, g]) => [path, g.mul(scale)])));
    sum += await value.item();
    if (step % 100 !== 0) continue;
    console.log(
      `${name}: step ${step}, loss ${(sum / 100).toFixed(4)}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
    );
    sum = 0;
  }
  const wrong = {};
  for (const length of [longest, 2 * longest]) {
    const { x, y } = drawn(random.seed(seed).child("test").child(length), 200, length);
    const said = await answered(model.forward(x).output, length).greater(0).data();
    const truth = await y.data();
    wrong[length] = said.filter((bit, i) => bit !== truth[i]).length / said.length;
  }
  console.log(
    `${name}: wrong bits ${Object.entries(wrong)
      .map(([n, share]) => `${(100 * share).toFixed(2)} % of ${n} rows`)
      .join(", ")}`,
  );
  return { wrong, seconds: (performance.now() - started) / 1000 };
}

const machine = await run("Turing machine", new nn.TuringMachine(bits + 1, bits, { slots, width, hidden }));
const plain = await run("LSTM", new Plain());
const holds = machine.wrong[longest] < 0.01;
mkdirSync(new URL("./results/", import.meta.url), { recursive: true });
writeFileSync(
  new URL("./results/copy.json", import.meta.url),
  `${JSON.stringify({ settings, holds, machine, plain }, null, 2)}\n`,
);
console.log(
  holds ? "The figure holds." : "The figure does not hold: less than 1 % of the bits wrong at lengths that it learned.",
);
process.exitCode = holds ? 0 : 1;
