import {
  attentionMap,
  confusionMatrix,
  type Displayable,
  embeddingExplorer,
  featureMaps,
  filters,
  histograms,
  imageGrid,
  lossCurve,
  rateCurve,
  runTable,
  sweepPlot,
  table,
} from "../../src/index.ts";
import { caption, long, reversal, transformer, translation } from "../attention/samples.ts";
import { activations, weightsAlong } from "../spreads.ts";
import { foundRates, sweepRows } from "../sweeps.ts";
import { sequence, tensor } from "../tensor.ts";

export { sequence, tensor };

function training(steps: number, seed: number, { floor = 0.05, pace = 300 } = {}) {
  const next = sequence(seed);
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    epoch: Math.floor(i / 938),
    loss: (floor + 2.25 * Math.exp(-i / pace)) * (0.6 + 0.8 * next()),
    rate: 0.05,
    gradNorm: 1 + next(),
  }));
}

function edges(angle: number, y: number, x: number): number {
  return Math.sin(1.1 * (Math.cos(angle) * (x - 2) + Math.sin(angle) * (y - 2)) + angle);
}

function tiles(): Record<string, Displayable> {
  const next = sequence(11);
  const first = tensor([6, 1, 5, 5], ([o, , y, x]) => (o === 4 ? 0.1 : 0.3 * edges(o! * 0.9, y!, x!) + 0.1 * next()));
  const second = tensor([16, 6, 5, 5], ([o, i, y, x]) => 0.2 * edges(o! + i! * 1.7, y!, x!) + 0.1 * next() - 0.05);
  const coloured = tensor([24, 3, 7, 7], ([o, c, y, x]) => edges(o! * 0.4 + c! * 0.3, y!, x!));
  const maps = tensor([1, 16, 10, 10], ([, c, y, x]) =>
    c === 5 ? 0 : c === 7 && x === 3 ? Number.NaN : Math.max(0, edges(c! * 0.5, y! / 2, x! / 2)),
  );
  const digits = tensor([14, 28, 28], ([n, y, x]) => {
    const radius = Math.hypot(y! - 14, (x! - 14) * (1 + n! / 14));
    return Math.max(0, 1 - Math.abs(radius - 8) / 2.5);
  });
  return {
    firstLayer: filters(first, { title: "C1: six filters of 5 × 5" }),
    greyEach: filters(first, { colours: "grey", normalise: "each", columns: 3 }),
    secondLayer: filters(second, { title: "C3" }),
    coloured: filters(coloured, { title: "RGB filters", labels: Array.from({ length: 24 }, (_, i) => `filter ${i}`) }),
    maps: featureMaps(maps, { title: "S4 for a 7" }),
    misread: imageGrid(digits, {
      title: "Most confident mistakes",
      captions: Array.from({ length: 14 }, (_, i) => `${i % 10}, not ${(i + 3) % 10}\n${99 - i} % sure`),
    }),
    plainImages: imageGrid(digits),
  };
}

function tables(): Record<string, Displayable> {
  const next = sequence(5);
  const counts = Array.from({ length: 10 }, (_, truth) =>
    Array.from({ length: 10 }, (_, predicted) =>
      truth === predicted ? 950 + Math.floor(60 * next()) : Math.floor(next() ** 4 * 14),
    ),
  );
  const fashion = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"];
  return {
    confusion: confusionMatrix(counts, { title: "LeNet-5 on the test set" }),
    named: confusionMatrix(
      fashion.map((_, i) => fashion.map((_, j) => (i === j ? 840 : 20 * ((i + j) % 4)))),
      { labels: fashion },
    ),
    many: confusionMatrix(
      tensor([60, 60], ([i, j]) => (i === j ? 80 : Math.floor(next() * 3))),
      { title: "Sixty classes" },
    ),
    rates: rateCurve(foundRates(), { title: "Rates for LeNet-5" }),
    sweep: sweepPlot(sweepRows(), { title: "Rates and activations" }),
    sweepOfNames: sweepPlot(sweepRows(), { x: "activation", by: "rate", y: "loss" }),
    sweepToCome: sweepPlot([], { title: "A sweep to come" }),
    runs: runTable(sweepRows(), { title: "A sweep", sort: "test error" }),
    layers: table(
      [
        { layer: "C1", shape: [6, 28, 28], parameters: 156, connections: 122304 },
        { layer: "S2 <b>", shape: [6, 14, 14], parameters: 12, connections: 5880 },
      ],
      { title: "LeNet-5" },
    ),
  };
}

/** Every kind of picture that the package draws, with the data that are hardest on it. */
export function gallery(): Record<string, Displayable> {
  return { ...curves(), ...tiles(), ...tables(), ...attention(), ...spreads(), ...maps() };
}

function curves(): Record<string, Displayable> {
  const single = lossCurve({ title: "LeNet-5 on MNIST" });
  for (const step of training(2814, 1)) {
    single.add(step);
    if (step.step % 938 === 0) single.add({ step: step.step, "test error": 0.03 + 0.3 * Math.exp(-step.step / 700) });
  }
  const compared = lossCurve({ title: "Activation functions: <tanh> & ReLU", yScale: "log", x: "epoch" });
  for (const [index, name] of ["tanh", "ReLU", "sigmoid with a name that is really much too long"].entries()) {
    const run = compared.run(name);
    for (const step of training(2814, 5 + index, { pace: 150 + 250 * index })) {
      run.add(step);
      if (step.step % 469 === 0) {
        const error = 0.02 + 0.2 * Math.exp(-step.step / (500 + 300 * index));
        run.add({ step: step.step, "test loss": 0.02 + step.loss, "test error": error, "test accuracy": 1 - error });
      }
    }
  }
  const diverging = lossCurve({ title: "A rate too high", x: "time" });
  for (const { step, loss } of training(300, 3)) {
    diverging.add({
      step,
      seconds: step * 0.71,
      loss: step > 212 ? Number.NaN : step > 180 ? loss * 1.2 ** (step - 180) : loss,
    });
  }
  const long = lossCurve({ yScale: "log" });
  for (const step of training(100_000, 9, { floor: 1e-3, pace: 9000 })) long.add(step);
  const short = lossCurve({ title: "Five epochs" });
  for (const [index, loss] of [0.9, 0.4, 0.33, 0.35, 0.31].entries()) short.add({ step: index + 1, loss });
  return { single, compared, diverging, long, short, nothing: lossCurve({ title: "Before the first step" }) };
}

function attention(): Record<string, Displayable> {
  const masked = attentionMap([translation()], {
    title: "Without the ends of the sentence",
    axes: ["English", "French"],
  });
  masked.choose({ masked: true, threshold: 0.05 });
  return {
    reversal: attentionMap([reversal()], { title: "Letters backwards" }),
    translation: attentionMap([translation()], { title: "English to French", axes: ["English", "French"] }),
    masked,
    heads: attentionMap([transformer(4, 8, 30)], { title: "Self-attention", head: 4 }),
    oneLayer: attentionMap([transformer(1, 12, 12)]),
    caption: attentionMap([caption()], { title: "A red circle above a blue square" }),
    longSequence: attentionMap([long()], { title: "200 tokens attend to 300" }),
  };
}

function spreads(): Record<string, Displayable> {
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`encoder.layers.${i}.attention.query.weight`, [i, i + 1, i + 1, i + 4]]),
  );
  return {
    weights: weightsAlong([0, 100, 200, 300, 400, 500, 600, 700, 800]).weights,
    activations: histograms(activations(), { title: "Activations for 64 digits" }),
    manyNames: histograms(many, { title: "Thirty names <b> & more" }),
    oneName: histograms({ w: new Float32Array([1, 1, 1]) }),
    noNames: histograms(undefined, { title: "Before the first step" }),
  };
}

function maps(): Record<string, Displayable> {
  const next = sequence(17);
  const around = (count: number, classes: number, dimensions: 2 | 3) =>
    tensor(
      [count, dimensions],
      ([i, axis]) => 9 * Math.sin((i! % classes) * (1.3 + axis!) + axis!) + next() + next() + next() - 1.5,
    );
  const kinds = (count: number, of: number) => Array.from({ length: count }, (_, i) => `kind ${i % of}`);
  const digits = around(1500, 10, 2);
  const many = around(600, 40, 2);
  const space = around(400, 6, 3);
  const measured = around(300, 5, 2);
  return {
    embedding: embeddingExplorer(digits, { title: "Digits", positions: digits, labels: kinds(1500, 10) }),
    manyKinds: embeddingExplorer(many, { title: "Forty kinds", positions: many, labels: kinds(600, 40) }),
    inSpace: embeddingExplorer(space, { positions: space, labels: kinds(400, 6), inSpace: true }),
    measured: embeddingExplorer(measured, {
      title: "Measured",
      positions: measured,
      labels: Float32Array.from({ length: 300 }, () => 12 * next() - 3),
    }),
    notBegun: embeddingExplorer(digits, { title: "Before the first step", tsne: async function* () {} }),
  };
}
