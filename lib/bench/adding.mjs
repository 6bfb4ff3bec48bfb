// The adding problem (Hochreiter and Schmidhuber 1997; values in 0 … 1 as Le, Jaitly and Hinton 2015): of 100 numbers,
// what do the two marked ones add up to? One mark lies in each half. Always answering 1 has a squared error of 1/6.
// node lib/bench/adding.mjs trains a long short-term memory and a tanh net on the same sequences, tests both on 2,000
// others, and saves results/adding.json as it goes on. Half an hour on two free cores.
import { mkdirSync, writeFileSync } from "node:fs";
import { losses, nn, optim, random, tensor, valueAndGrad } from "../dist/index.js";

const settings = { steps: 100, hidden: 64, batch: 32, sequences: 250_000, rate: 2e-3, clip: 1, seed: 1 };
const { steps, hidden, batch, sequences, rate, clip, seed } = settings;

class Adder extends nn.Module {
  constructor(reader) {
    super();
    this.reader = reader;
    this.answer = new nn.Linear(hidden, 1);
  }
  forward(x) {
    return this.answer.forward(this.reader.forward(x).hidden.squeeze(0)).squeeze(-1);
  }
}

async function drawn(key, count) {
  const values = await key.child("values").uniform([count, steps]).data();
  const marks = await key.child("marks").uniform([count, 2]).data();
  const x = new Float32Array(count * steps * 2);
  const y = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    for (let t = 0; t < steps; t++) x[2 * (i * steps + t)] = values[i * steps + t];
    for (const half of [0, 1]) {
      const t = Math.floor(((half + marks[2 * i + half]) * steps) / 2);
      x[2 * (i * steps + t) + 1] = 1;
      y[i] += values[i * steps + t];
    }
  }
  return { x: tensor(x, { shape: [count, steps, 2] }), y: tensor(y) };
}

const test = await drawn(random.seed(seed).child("test"), 2000);

/** What is known so far: saved at every test, so that an interrupted run leaves its curve. */
const found = { settings };

function save() {
  mkdirSync(new URL("./results/", import.meta.url), { recursive: true });
  writeFileSync(new URL("./results/adding.json", import.meta.url), `${JSON.stringify(found, null, 2)}\n`);
}

async function run(name, reader) {
  const model = nn.init(new Adder(reader), { seed });
  const optimizer = optim.adam({ rate });
  const started = performance.now();
  const own = { learnt: null, sequences: 0, error: Number.NaN, seconds: 0, curve: [] };
  found[name] = own;
  for (let step = 1; own.sequences < sequences; step++) {
    const { x, y } = await drawn(random.seed(seed).child("train").child(step), batch);
    const { gradient } = valueAndGrad(model, (m) => losses.squaredError(m.forward(x), y));
    const norm = await optim.gradientNorm(gradient).item();
    const scale = Math.min(1, clip / norm);
    optimizer.update(model, new Map([...gradient].map(([path, g]) => [path, g.mul(scale)])));
    own.sequences += batch;
    if (step % 250 !== 0 && own.sequences < sequences) continue;
    own.error = await losses.squaredError(model.forward(test.x), test.y).item();
    own.seconds = Math.round((performance.now() - started) / 1000);
    own.curve.push({ sequences: own.sequences, error: own.error });
    console.log(`${name}: ${own.sequences} sequences, squared error ${own.error.toFixed(4)}, ${own.seconds} s`);
    if (own.error < 0.01) own.learnt ??= own.sequences;
    save();
    // What it can reach is of interest, not only when it gets there.
    if (own.learnt !== null && own.sequences >= own.learnt + 40_000) break;
  }
  return own;
}

const lstm = await run("lstm", new nn.LSTM(2, hidden, { forgetBias: 1 }));
const rnn = await run("tanh", new nn.RNN(2, hidden));
const least = Math.min(...rnn.curve.map(({ error }) => error));
found.holds = lstm.learnt !== null && lstm.error < 0.01 && least > 0.1;
save();
console.log(
  `LSTM: below .01 after ${lstm.learnt} sequences, ${lstm.error.toFixed(4)} at the end; tanh net: least ${least.toFixed(4)}.`,
);
console.log(
  found.holds ? "The figure holds." : "The figure does not hold: LSTM < .01 within 250,000 sequences, tanh net > .1.",
);
process.exitCode = found.holds ? 0 : 1;
