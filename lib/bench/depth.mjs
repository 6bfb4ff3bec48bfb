// The advantage of depth (Montúfar, Pascanu, Cho and Bengio, NIPS 2014): regions on which nets of rectifiers are linear,
// counted exactly. Nets that fold the line, and nets as they are drawn, of 16 rectifiers on 2 inputs in one layer and in two,
// beside the bounds. That the count is right is what lib/test/inspect/regions.test.ts shows. Seconds: node lib/bench/depth.mjs
import { writeFile } from "node:fs/promises";
import { inspect, nn, relu, tensor } from "../dist/index.js";

const { deepRegions, linearRegions, mostRegions } = inspect;
const layer = (weight, bias) =>
  new nn.Linear(weight[0].length, weight.length, {
    initialiser: () => tensor(weight),
    biasInitialiser: () => tensor(bias),
  });

const results = { folds: [], drawn: {}, bounds: { deep: deepRegions(2, [8, 8]), shallow: mostRegions(2, 16) } };
for (let depth = 1; depth <= 12; depth++) {
  const folds = Array.from({ length: depth }, (_, i) => [
    layer(
      i === 0
        ? [[2], [4]]
        : [
            [2, -2],
            [4, -4],
          ],
      [0, -2],
    ),
    relu,
  ]);
  const net = nn.init(new nn.Sequential([...folds.flat(), layer([[1, -1]], [0])]), { seed: 1 });
  results.folds.push({ depth, units: 2 * depth, pieces: (await linearRegions(net, { low: 0, high: 1 })).length });
}
console.log(`folds: ${results.folds.map(({ pieces }) => pieces).join(" ")}`);
for (const widths of [[16], [8, 8], [4, 4, 4, 4]]) {
  const counts = [];
  for (let seed = 1; seed <= 20; seed++) {
    const sizes = [2, ...widths];
    const hidden = widths.flatMap((to, i) => [
      new nn.Linear(sizes[i], to, { initialiser: nn.heNormal(sizes[i]) }),
      relu,
    ]);
    const net = nn.init(new nn.Sequential([...hidden, new nn.Linear(widths.at(-1), 1)]), { seed });
    counts.push((await linearRegions(net, { low: -20, high: 20 })).length);
  }
  counts.sort((a, b) => a - b);
  results.drawn[widths.join("-")] = { least: counts[0], median: counts[10], most: counts[19] };
}
console.table(results.drawn);
console.log("bounds", results.bounds);
await writeFile(new URL("./results/depth.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
const folded = results.folds.every(({ depth, pieces }) => pieces === 2 ** depth);
const holds = folded && results.bounds.deep === 592 && results.bounds.shallow === 137;
console.log(`The figure ${holds ? "holds" : "does not hold"}.`);
process.exitCode = holds ? 0 : 1;
