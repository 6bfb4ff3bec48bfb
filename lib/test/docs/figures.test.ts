import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What a benchmark saved. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes.
const saved = (name: string): any =>
  JSON.parse(readFileSync(new URL(`../../bench/results/${name}.json`, import.meta.url), "utf8"));

/**
 * The figures of the review's systems that need hours or data, as the benchmarks saved them. Those that a test can
 * compute are in the tests: the chain rule (gradient/hessian), the backward pass (gradient/by-hand), a recurrent net
 * unfolded in time (gradient/through-time).
 */
const figures: readonly (readonly [system: string, holds: () => boolean])[] = [
  ["6: a long run of LeNet-5 has 1.1 % of the test digits wrong at most", () => longRun() <= 0.011],
  ["11: of unseen combinations 99 % are right, a one-hot code guesses", () => combinations()],
  ["12: the fold net of depth L has 2^L pieces, and the bounds are those of the paper", () => folds()],
  ["13: t-SNE of 1,797 digits has a KL of .78 at most and 97 % of neighbours alike", () => maps()],
  ["13: 10,000 points take well under two minutes", () => saved("tsne").tenThousand.seconds < 90],
  ["13: cosines of word vectors agree with people, ρ ≥ .5", () => saved("word-vectors").rho >= 0.5],
  ["14: letters backwards", () => backwards()],
  ["16: an LSTM learns to add over 100 steps, a tanh net does not", () => adding()],
  ["18: a Boltzmann machine reconstructs after one pass, and log Z by annealing is that by enumeration", () => rbm()],
  ["20: 30 principal components leave 13.87, an autoencoder with 30 less than 9", () => codes()],
  ["21: a neural language model is 8 % below Kneser–Ney 3", () => language()],
  ["22: of strings of four digits 90 % are read", () => saved("digit-strings").right >= 0.9],
];

const longRun = () => {
  const { wrong, of } = saved("lenet-long").epochs.at(-1);
  return wrong / of;
};
const combinations = () => {
  const { distributed, oneHot } = saved("distributed");
  return distributed.unseen >= 0.99 && Math.abs(oneHot.unseen - 0.5) < 0.05;
};
const folds = () => {
  const { folds, bounds } = saved("depth");
  const doubled = folds.every(({ depth, pieces }: { depth: number; pieces: number }) => pieces === 2 ** depth);
  return doubled && folds.length >= 10 && bounds.deep === 592 && bounds.shallow === 137;
};
const maps = () => saved("tsne").digits.klDivergence <= 0.78 && saved("tsne").digits.purity >= 0.97;
const backwards = () => {
  const { attending, ablated } = saved("reverse");
  return attending.exact >= 0.98 && attending.antiDiagonal >= 0.95 && ablated.exact < 0.5;
};
const adding = () => {
  const { settings, lstm, tanh } = saved("adding");
  const least = Math.min(...tanh.curve.map(({ error }: { error: number }) => error));
  return (
    settings.steps === 100 && lstm.learnt <= 250_000 && lstm.error < 0.01 && tanh.sequences >= 250_000 && least > 0.1
  );
};
const rbm = () => {
  const { reconstruction, tiny } = saved("rbm");
  return reconstruction[0].error <= 0.045 && Math.abs(tiny.exact - tiny.annealed) <= 0.1;
};
const codes = () => Math.abs(saved("pca").pca30 - 13.87) <= 0.01 && saved("autoencoder").autoencoder30 < 9;
const language = () => saved("nplm").belowKneserNey3 >= 0.08 && saved("nplm").sumsOffOne <= 1e-5;

it.each(figures)("%s", (_, holds) => {
  expect(holds()).toBe(true);
});
