// Distributed representations (LeCun, Bengio and Hinton 2015, p. 440): with n binary features learnt from half of their 2ⁿ
// combinations, a net knows the other half; with one symbol for each combination it knows nothing of what it has not seen.
// Each of 10 outputs is the majority of three of the features. Seconds: node lib/bench/distributed.mjs
import { writeFile } from "node:fs/promises";
import { losses, nn, oneHot, optim, random, tanh, tensor, train } from "../dist/index.js";

const n = 10;
const count = 2 ** n;
const order = random.seed(440).permutation(count);
const [seen, unseen] = [order.slice(0, count / 2), order.slice(count / 2)];
const bit = (i, k) => (i >> (k % n)) & 1;
const codes = {
  distributed: (rows) => tensor(Array.from(rows, (i) => Array.from({ length: n }, (_, k) => bit(i, k)))),
  oneHot: (rows) => oneHot(tensor(Int32Array.from(rows)), count).cast("float32"),
};
const answers = (rows) =>
  tensor(
    Array.from(rows, (i) => Array.from({ length: n }, (_, k) => Number(bit(i, k) + bit(i, k + 1) + bit(i, k + 3) > 1))),
  );

const results = { features: n, seen: seen.length, unseen: unseen.length };
for (const [name, code] of Object.entries(codes)) {
  const width = code([0]).shape[1];
  const model = nn.init(new nn.Sequential([new nn.Linear(width, 64), tanh, new nn.Linear(64, n)]), { seed: 440 });
  const batch = { x: code(seen), y: answers(seen) };
  const loss = (net, { x, y }) => losses.binaryCrossEntropy(net.forward(x), y);
  for await (const step of train(model, [batch], {
    loss,
    optimizer: optim.adam({ rate: 0.01 }),
    epochs: 300,
    every: 300,
  }))
    void step;
  const right = async (rows) => {
    const agree = model.forward(code(rows)).greater(0).equal(answers(rows).greater(0.5));
    return agree.cast("float32").mean().item();
  };
  results[name] = { seen: await right(seen), unseen: await right(unseen) };
  console.log(
    `${name}: ${(100 * results[name].seen).toFixed(2)} % of the seen half, ${(100 * results[name].unseen).toFixed(2)} % of the unseen`,
  );
}
await writeFile(new URL("./results/distributed.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
const holds = results.distributed.unseen >= 0.99 && Math.abs(results.oneHot.unseen - 0.5) < 0.05;
console.log(`The figure ${holds ? "holds" : "does not hold"}.`);
process.exitCode = holds ? 0 : 1;
