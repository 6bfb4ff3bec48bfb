// The reverse task: an encoder–decoder writes 8 to 16 symbols backwards, with additive attention and without, 750 steps
// of 64 sequences each; how many of 1,000 others it writes without a mistake, and whether it looks where it should.
// node lib/bench/reverse.mjs prints the figures and saves results/reverse.json. Some minutes.
import { mkdirSync, writeFileSync } from "node:fs";
import { losses, nn, optim, random, take, tensor, valueAndGrad } from "../dist/index.js";

const settings = {
  symbols: 20,
  shortest: 8,
  longest: 16,
  hidden: 64,
  embedding: 32,
  steps: 750,
  batch: 64,
  rate: 3e-3,
  clip: 1,
  seed: 1,
};
const { symbols, shortest, longest, hidden, embedding, steps, batch, rate, clip, seed } = settings;
const [start, end, firstSymbol] = [1, 2, 3];
const words = firstSymbol + symbols;

function drawn(key, count) {
  const bits = key.bits(count * (longest + 1));
  const under = (i, n) => (bits[i] >>> 8) % n;
  return Array.from({ length: count }, (_, s) => {
    const at = s * (longest + 1);
    return Array.from(
      { length: shortest + under(at, longest - shortest + 1) },
      (_, i) => firstSymbol + under(at + 1 + i, symbols),
    );
  });
}

/** Sequences filled up with zeros to the longest. */
function padded(rows) {
  const width = Math.max(...rows.map((row) => row.length));
  return tensor(
    rows.map((row) => [...row, ...new Array(width - row.length).fill(0)]),
    { dtype: "int32" },
  );
}

function lossOf(model, rows) {
  const answers = rows.map((row) => [...row.toReversed(), end]);
  const target = padded(answers.map((row) => [start, ...row.slice(0, -1)]));
  const { logits } = model.forward(padded(rows), target, { lengths: rows.map((row) => row.length) });
  const width = target.shape[1];
  // Only what is not padding counts.
  const places = answers.flatMap((row, s) => row.map((_, t) => s * width + t));
  const kept = take(logits.reshape([rows.length * width, words]), tensor(Int32Array.from(places)), 0);
  return losses.crossEntropy(kept, tensor(Int32Array.from(answers.flat())));
}

async function run(attention) {
  const name = attention === false ? "without attention" : `with ${attention} attention`;
  const model = nn.init(
    new nn.models.Seq2Seq({ sourceWords: words, targetWords: words, hidden, embedding, attention }),
    { seed },
  );
  const optimizer = optim.adam({ rate: (step) => rate * Math.min(1, (steps - step) / (steps / 2)) });
  const started = performance.now();
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    const rows = drawn(random.seed(seed).child("train").child(step), batch);
    const { value, gradient } = valueAndGrad(model, (m) => lossOf(m, rows));
    const scale = Math.min(1, clip / (await optim.gradientNorm(gradient).item()));
    optimizer.update(model, new Map([...gradient].map(([path, g]) => [path, g.mul(scale)])));
    sum += await value.item();
    if (step % 50 !== 0) continue;
    console.log(
      `${name}: step ${step}, loss ${(sum / 50).toFixed(4)}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
    );
    sum = 0;
  }
  const rows = drawn(random.seed(seed).child("test"), 1000);
  const state = model.encode(padded(rows), { lengths: rows.map((row) => row.length) });
  const written = await nn.greedySearch((before, tokens) => model.step(before, tokens), {
    state,
    first: rows.map(() => start),
    end,
    steps: longest + 2,
  });
  const same = ({ tokens, ended }, row) =>
    ended && tokens.length === row.length && tokens.every((token, t) => token === row.at(-1 - t));
  const exact = rows.filter((row, s) => same(written[s], row)).length / rows.length;
  let [on, mass, count] = [0, 0, 0];
  rows.forEach((row, s) => {
    written[s].weights.slice(0, row.length).forEach((weights, t) => {
      const place = row.length - 1 - t;
      on += weights.indexOf(Math.max(...weights)) === place ? 1 : 0;
      mass += weights[place];
      count++;
    });
  });
  const result = { exact, seconds: (performance.now() - started) / 1000 };
  return attention === false ? result : { ...result, antiDiagonal: on / count, antiDiagonalMass: mass / count };
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const attending = await run("additive");
console.log(
  `With attention: exact ${percent(attending.exact)}, anti-diagonal ${percent(attending.antiDiagonal)} (mass ${percent(attending.antiDiagonalMass)}).`,
);
const ablated = await run(false);
console.log(`Without: exact ${percent(ablated.exact)}.`);
const holds = attending.exact >= 0.98 && attending.antiDiagonal >= 0.95 && ablated.exact < 0.5;
mkdirSync(new URL("./results/", import.meta.url), { recursive: true });
writeFileSync(
  new URL("./results/reverse.json", import.meta.url),
  `${JSON.stringify({ settings, holds, attending, ablated }, null, 2)}\n`,
);
console.log(
  holds
    ? "The figures hold."
    : "Some figure does not hold: exact ≥ 98 %, anti-diagonal ≥ 95 %, without attention < 50 %.",
);
process.exitCode = holds ? 0 : 1;
