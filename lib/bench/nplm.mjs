// The neural probabilistic language model (Bengio, Ducharme and Vincent, NIPS 2000; JMLR 2003) on the Brown corpus against
// an interpolated Kneser–Ney trigram on the same 5,012 words: perplexity of the last 161,192 words, learnt from the first
// 800,000, after the epoch that is best on the 200,000 between. Tens of minutes, most of them in the output layer:
// GRADBOOK_DATA=… node lib/bench/nplm.mjs [epochs]
import { writeFile } from "node:fs/promises";
import { inference, losses, nn, optim, random, tanh, tensor, train as training } from "../dist/index.js";
import { brown } from "./brown.mjs";

const epochs = Number(process.argv[2] ?? 3);
const [context, width, hidden, size, rate] = [4, 64, 128, 256, 1e-3];
const { vocabulary, train, valid, test } = await brown();
const words = vocabulary.length;
const began = process.cpuUsage();
const seconds = () => Math.round(process.cpuUsage(began).user / 1e6);

class Nplm extends nn.Module {
  // Rare words move little: drawn large, they would stay noise.
  embedding = new nn.Embedding(words, width, { initialiser: nn.normalInit(0.1) });
  hidden = new nn.Linear(context * width, hidden);
  output = new nn.Linear(hidden, words);
  forward(before) {
    const x = this.embedding.forward(before).reshape([-1, context * width]);
    return this.output.forward(tanh(this.hidden.forward(x)));
  }
}

/** Batches of the places of a text that have a full context, shuffled by a key or in order. */
function batches(text, key) {
  const places = text.length - context;
  const of = function* (order) {
    for (let from = 0; from < places; from += size) {
      const rows = order.subarray(from, from + size);
      const before = new Int32Array(rows.length * context);
      rows.forEach((at, i) => {
        before.set(text.subarray(at, at + context), i * context);
      });
      const word = Int32Array.from(rows, (at) => text[at + context]);
      yield { before: tensor(before, { shape: [rows.length, context] }), word: tensor(word) };
    }
  };
  const plain = Int32Array.from({ length: places }, (_, i) => i);
  return { epoch: (n) => of(key?.child(n).permutation(places) ?? plain), [Symbol.iterator]: () => of(plain) };
}

const loss = (model, { before, word }) => losses.crossEntropy(model.forward(before), word);

async function perplexity(model, text) {
  let total = 0;
  for (const batch of batches(text)) total += (await loss(model, batch).item()) * batch.word.size;
  return Math.exp(total / (text.length - context));
}

const results = {
  words,
  train: train.length,
  test: test.length,
  nplm: { context, width, hidden, batch: size, rate, planned: epochs, epochs: [] },
};
for (const smoothing of ["kneserNey", "modifiedKneserNey"]) {
  const model = new inference.NGram(train, { vocabulary: words, order: 3, smoothing });
  // The same words as the net's: those with a full context.
  results[`${smoothing}3`] = model.perplexity(test.subarray(context), { context: test.subarray(0, context) });
  console.log(`${smoothing} 3: ${results[`${smoothing}3`].toFixed(1)}`);
}

const model = nn.init(new Nplm(), { seed: 2001 });
const steps = Math.ceil((train.length - context) / size);
const optimizer = optim.adam({ rate: (step) => rate * Math.max(0.05, 1 - step / (steps * epochs)) });
const shuffled = batches(train, random.seed(2001));
for (let epoch = 1; epoch <= epochs; epoch++) {
  for await (const { step, loss: value } of training(model, shuffled, { loss, optimizer, every: 100 }))
    console.log(`step ${step} of ${steps * epochs}: perplexity ${Math.exp(value).toFixed(1)}, ${seconds()} s of CPU`);
  const row = { epoch, valid: await perplexity(model, valid), test: await perplexity(model, test), seconds: seconds() };
  results.nplm.epochs.push(row);
  console.log(row);
  const best = results.nplm.epochs.toSorted((a, b) => a.valid - b.valid)[0];
  results.belowKneserNey3 = 1 - best.test / results.kneserNey3;
  const { before } = batches(test)[Symbol.iterator]().next().value;
  const sums = await model.forward(before).softmax(-1).sum({ axis: -1 }).data();
  results.sumsOffOne = Math.max(...sums.map((sum) => Math.abs(sum - 1)));
  await writeFile(new URL("./results/nplm.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
}
const holds = results.belowKneserNey3 >= 0.08 && results.sumsOffOne <= 1e-5;
console.log(
  `${(100 * results.belowKneserNey3).toFixed(1)} % below Kneser–Ney 3. The figure ${holds ? "holds" : "does not hold"}.`,
);
process.exitCode = holds ? 0 : 1;
