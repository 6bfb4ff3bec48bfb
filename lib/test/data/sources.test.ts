import { describe, expect, it } from "vitest";
import { data, type Tensor } from "../../src/index.ts";

/** Real sets, where a folder with them is given. */
const given = Boolean(process.env.GRADBOOK_DATA);
if (!given) console.warn("Tests of data sets are skipped: GRADBOOK_DATA does not name a folder that holds them.");

async function counts(labels: ArrayLike<number>): Promise<number[]> {
  const found = new Array<number>(10).fill(0);
  for (let i = 0; i < labels.length; i++) found[labels[i]!]!++;
  return found;
}

describe.skipIf(!given)("the sources", () => {
  it("usps: the 7,291 and 2,007 digits of 1989, with as many of each as published", async () => {
    const { train, test, about } = await data.usps();
    expect([train.length, test.length]).toEqual([7291, 2007]);
    expect(train.at(0).image.shape).toEqual([1, 16, 16]);
    expect(await counts(train.columns.label.values)).toEqual([1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]);
    expect(await counts(test.columns.label.values)).toEqual([359, 264, 198, 166, 200, 160, 170, 147, 166, 177]);
    expect(about.citation).toMatch(/LeCun/);
  });

  it("digits: those of scikit-learn", async () => {
    const { examples } = await data.digits({ range: [0, 16] });
    expect(examples.length).toBe(1797);
    expect(await counts(examples.columns.label.values)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    expect(
      await (examples.at(0).image as Tensor).reshape([64]).slice({ axis: 0, start: 0, stop: 6 }).toArray(),
    ).toEqual([0, 0, 5, 13, 9, 1]);
  });

  it("olivetti: 400 upright faces", async () => {
    const { examples } = await data.olivetti();
    expect(examples.length).toBe(400);
    expect(await examples.at(399).person.item()).toBe(39);
    // The mean that scipy's reader gives; and upright, since the halves mirror each other.
    const pixels = examples.columns.image.values as Uint8Array;
    const mean = new Float64Array(4096);
    pixels.forEach((value, i) => {
      mean[i % 4096]! += value / 400 / 255;
    });
    expect(mean.reduce((sum, v) => sum + v, 0) / 4096).toBeCloseTo(0.5191540335860902, 12);
    const apart = (other: (x: number, y: number) => number) =>
      mean.reduce((sum, value, i) => sum + Math.abs(value - mean[other(i % 64, Math.floor(i / 64))]!), 0) / 4096;
    expect(apart((x, y) => 64 * y + 63 - x)).toBeLessThan(0.4 * apart((x, y) => 64 * (63 - y) + x));
  });

  it("cifar10Sample: 4,000 photographs of ten kinds", async () => {
    const { examples, classes } = await data.cifar10Sample();
    expect(examples.length).toBe(4000);
    expect(await examples.at(0).label.item()).toBe(classes.indexOf("frog"));
    expect(examples.at(0).image.shape).toEqual([3, 32, 32]);
  });

  it("brown: 500 texts in 15 categories, 1,161,192 words", async () => {
    const { texts } = await data.brown();
    expect(texts.length).toBe(500);
    expect(new Set(texts.map(({ category }) => category)).size).toBe(15);
    const sentences = texts.flatMap((text) => text.sentences);
    expect(sentences.length).toBe(57_340);
    expect(sentences.reduce((sum, { words }) => sum + words.length, 0)).toBe(1_161_192);
    expect(sentences[0]!.words.slice(0, 4)).toEqual(["The", "Fulton", "County", "Grand"]);
    expect(sentences[0]!.tags.slice(0, 2)).toEqual(["at", "np-tl"]);
  });

  it("tinyShakespeare: 1,115,394 characters of 65 kinds", async () => {
    const { text } = await data.tinyShakespeare();
    expect(text.length).toBe(1_115_394);
    expect(new Set(text).size).toBe(65);
  });

  it("fraEng: 167,130 pairs", async () => {
    const { pairs } = await data.fraEng();
    expect(pairs.length).toBe(167_130);
    expect(pairs[0]).toEqual({ english: "Go.", french: "Va !" });
  });

  it("glove and wordsim353: similar words are near, as much as published", async () => {
    const { words, vectors } = await data.glove();
    expect(vectors.shape).toEqual([20_000, 100]);
    const place = new Map(words.map((word, i) => [word, i]));
    const values = await vectors.data();
    const cosine = (a: number, b: number) => {
      let [dot, aa, bb] = [0, 0, 0];
      for (let k = 0; k < 100; k++) {
        const [x, y] = [values[100 * a + k]!, values[100 * b + k]!];
        dot += x * y;
        aa += x * x;
        bb += y * y;
      }
      return dot / Math.sqrt(aa * bb);
    };
    const { pairs } = await data.wordsim353();
    expect(pairs.length).toBe(353);
    const known = pairs
      .map(({ first, second, similarity }) => ({
        a: place.get(first.toLowerCase()),
        b: place.get(second.toLowerCase()),
        similarity,
      }))
      .filter(({ a, b }) => a !== undefined && b !== undefined);
    expect(known.length).toBe(324);
    expect(
      spearman(
        known.map(({ a, b }) => cosine(a!, b!)),
        known.map(({ similarity }) => similarity),
      ),
    ).toBeCloseTo(0.566, 2);
  });

  it("spokenDigits: 3,000 recordings, divided officially", async () => {
    const { train, test, rate } = await data.spokenDigits();
    expect([train.length, test.length, rate]).toEqual([2700, 300, 8000]);
    expect(new Set(train.map(({ speaker }) => speaker)).size).toBe(6);
    expect(test.every(({ index }) => index < 5)).toBe(true);
    const seconds = test.reduce((sum, { samples }) => sum + samples.length, 0) / test.length / rate;
    expect(seconds).toBeGreaterThan(0.3);
    expect(seconds).toBeLessThan(0.6);
    expect(Math.max(...test[0]!.samples.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it("photo: four photographs", async () => {
    const shapes = await Promise.all(
      (["astronaut", "camera", "chelsea", "coffee"] as const).map(async (name) => (await data.photo(name)).image.shape),
    );
    expect(shapes).toEqual([
      [3, 512, 512],
      [1, 512, 512],
      [3, 300, 451],
      [3, 400, 600],
    ]);
  });

  it("time series: airline passengers, temperatures, sunspots", async () => {
    const passengers = await data.airlinePassengers();
    expect([...passengers.values].slice(0, 3)).toEqual([112, 118, 132]);
    expect(passengers.dates.at(-1)).toBe("1960-12");
    expect((await data.dailyTemperatures()).values.length).toBe(3650);
    expect((await data.sunspots()).values.length).toBe(2820);
  });
});

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const found = new Array<number>(values.length);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++;
    for (let k = i; k < j; k++) found[order[k]!] = (i + j - 1) / 2;
    i = j;
  }
  return found;
}

function spearman(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [ranks(x), ranks(y)];
  const mean = (a.length - 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((v, i) => {
    ab += (v - mean) * (b[i]! - mean);
    aa += (v - mean) ** 2;
    bb += (b[i]! - mean) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}
