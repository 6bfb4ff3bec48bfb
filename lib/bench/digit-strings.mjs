// Strings of four digits that touch, read by segmentation and recognition together (LeCun, Bottou, Bengio and Haffner 1998,
// sections VI–VII): every place where a cut may be is a node, every piece between two cuts an arc for each digit, scored by
// a net that has learnt to refuse what is no digit; a grammar of four digits is composed with it, and the best path read.
// Figure: at least 90 % of the strings from MNIST's test digits. Minutes: node lib/bench/digit-strings.mjs [strings] [epochs]
import { writeFile } from "node:fs/promises";
import { data, flatten, inference, losses, nn, optim, random, relu, tensor, train } from "../dist/index.js";

const [learnt, epochs] = [Number(process.argv[2] ?? 8000), Number(process.argv[3] ?? 2)];
const tested = 500;
const [side, junk] = [28, 10];
const { train: digits, test } = await data.mnist();

/** A string of four digits side by side, some touching: its columns of pixels, and where each digit is. */
function drawString(set, key) {
  const bits = key.bits(8);
  const part = (i, n) => Math.floor(((bits[i] >>> 0) / 2 ** 32) * n);
  const { values } = set.columns.image;
  const columns = [];
  const truth = [];
  for (let k = 0; k < 4; k++) {
    const at = part(k, set.length);
    const pixel = (row, column) => values[at * side * side + row * side + column] / 255;
    const inked = Array.from({ length: side }, (_, c) => c).filter((c) =>
      Array.from({ length: side }, (_, r) => pixel(r, c)).some((v) => v > 0.2),
    );
    const [left, right] = [inked[0], inked.at(-1)];
    // From one column that both share to three that are empty.
    const from = k === 0 ? 2 : columns.length - 1 + part(4 + k, 5);
    for (let c = left; c <= right; c++) {
      const to = from + c - left;
      while (columns.length <= to) columns.push(new Float32Array(side));
      for (let r = 0; r < side; r++) columns[to][r] = Math.max(columns[to][r], pixel(r, c));
    }
    truth.push({ from, to: from + right - left + 1, digit: set.columns.label.values[at] });
  }
  return { columns, truth };
}

/** Where a cut may be: in the middle of what is empty, and where there is less ink than on both sides. */
function cutsOf(columns) {
  const ink = columns.map((column) => column.reduce((sum, value) => sum + value, 0));
  const cuts = [];
  for (let c = 1; c < ink.length; c++) {
    const near = ink.slice(Math.max(0, c - 1), c + 2);
    if (ink[c] < 7 && ink[c] === Math.min(...near) && c - (cuts.at(-1) ?? -9) > 1) cuts.push(c);
  }
  return [...new Set([0, ...cuts, ink.length])];
}

/** The pieces between two cuts that are as wide as a digit may be. */
function piecesOf(columns) {
  const cuts = cutsOf(columns);
  const pieces = [];
  for (let i = 0; i < cuts.length; i++)
    for (let j = i + 1; j < Math.min(cuts.length, i + 9); j++) {
      if (cuts[j] - cuts[i] <= 25)
        pieces.push({ from: i, to: j, image: centred(columns, cuts[i], cuts[j]), start: cuts[i], stop: cuts[j] });
    }
  return { cuts, pieces };
}

/** A piece in the middle of an image of its own, by its centre of mass as MNIST's digits are. */
function centred(columns, start, stop) {
  const image = new Float32Array(side * side);
  let [mass, across] = [0, 0];
  for (let c = start; c < stop; c++)
    for (const value of columns[c]) {
      mass += value;
      across += value * c;
    }
  const shift = Math.round(side / 2 - (mass > 0 ? across / mass : (start + stop) / 2));
  for (let c = start; c < stop; c++)
    if (c + shift >= 0 && c + shift < side) for (let r = 0; r < side; r++) image[r * side + c + shift] = columns[c][r];
  return image;
}

/** What a piece shows: a digit if it holds all of one and nothing of others, to within two columns. */
function labelOf({ start, stop }, columns, truth) {
  const empty = (from, to) => columns.slice(from, to).every((column) => column.every((value) => value < 0.2));
  const found = truth.find(
    ({ from, to }) =>
      (Math.abs(start - from) <= 2 || (start < from && empty(start, from))) &&
      (Math.abs(stop - to) <= 2 || (stop > to && empty(to, stop))),
  );
  return found?.digit ?? junk;
}

const examples = [];
for (let i = 0; i < learnt; i++) {
  const { columns, truth } = drawString(digits, random.seed(1998).child(i));
  for (const piece of piecesOf(columns).pieces)
    examples.push({ image: piece.image, label: labelOf(piece, columns, truth) });
}
const share = examples.filter(({ label }) => label === junk).length / examples.length;
console.log(`${examples.length} pieces of ${learnt} strings, ${(100 * share).toFixed(0)} % of them no digit`);
const values = new Float32Array(examples.length * side * side);
examples.forEach(({ image }, i) => {
  values.set(image, i * side * side);
});
const pieces = new data.Dataset({
  image: { values, shape: [1, side, side], dtype: "float32" },
  label: { values: Int32Array.from(examples, ({ label }) => label), shape: [], dtype: "int32" },
});

const model = nn.init(
  new nn.Sequential([
    new nn.Conv2d(1, 8, 5, { padding: 2 }),
    relu,
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 24, 5),
    relu,
    new nn.MaxPool2d(2),
    (x) => flatten(x, 1),
    new nn.Linear(600, 100),
    relu,
    new nn.Linear(100, 11),
  ]),
  { seed: 1998 },
);
const size = 64;
const steps = epochs * Math.ceil(pieces.length / size);
const optimizer = optim.adam({ rate: (step) => 2e-3 * Math.max(0.02, 1 - step / steps) });
const loss = (net, { image, label }) => losses.crossEntropy(net.forward(image), label);
for await (const { step, loss: value } of train(model, pieces.batches({ size, shuffle: random.seed(1) }), {
  loss,
  optimizer,
  epochs,
  every: 200,
}))
  console.log(`step ${step} of ${steps}: ${value.toFixed(4)}`);

const names = Array.from({ length: 10 }, (_, digit) => String(digit));
/** Four digits, whichever. */
const grammar = new inference.Lattice({
  nodes: 5,
  arcs: [0, 1, 2, 3].flatMap((from) => names.map((label) => ({ from, to: from + 1, label }))),
});
const counts = { right: 0, rightWithoutGrammar: 0, inBestFive: 0, cuttable: 0 };
for (let i = 0; i < tested; i++) {
  const { columns, truth } = drawString(test, random.seed(2022).child(i));
  const { cuts, pieces: found } = piecesOf(columns);
  const images = new Float32Array(found.length * side * side);
  found.forEach(({ image }, k) => {
    images.set(image, k * side * side);
  });
  const scores = await model
    .forward(tensor(images, { shape: [found.length, 1, side, side] }))
    .logSoftmax(-1)
    .data();
  const arcs = found.flatMap(({ from, to }, k) =>
    names.map((label, digit) => ({ from, to, label, score: scores[11 * k + digit] })),
  );
  const readings = new inference.Lattice({ nodes: cuts.length, arcs });
  const answer = truth.map(({ digit }) => digit).join("");
  const { lattice } = inference.compose(readings, grammar);
  // Nothing can be read where a digit is in no piece.
  const best = lattice.pathCount() === 0 ? [] : lattice.nBest(5).map(({ labels }) => labels.join(""));
  if (best[0] === answer) counts.right++;
  if (best.includes(answer)) counts.inBestFive++;
  if (readings.pathCount() > 0 && readings.bestPath().labels.join("") === answer) counts.rightWithoutGrammar++;
  if (truth.every(({ digit }) => found.some((piece) => labelOf(piece, columns, truth) === digit))) counts.cuttable++;
}
const results = { learnt, epochs, pieces: pieces.length, tested };
for (const [name, count] of Object.entries(counts)) results[name] = count / tested;
console.log(results);
await writeFile(new URL("./results/digit-strings.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
const holds = results.right >= 0.9;
console.log(`The figure ${holds ? "holds" : "does not hold"}.`);
process.exitCode = holds ? 0 : 1;
