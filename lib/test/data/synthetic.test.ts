import { describe, expect, it } from "vitest";
import { data, random } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const key = random.seed(2);

describe("points of a plane", () => {
  it("xor: the class is whether one coordinate alone is 1", () => {
    const set = data.xor({ key, count: 400, noise: 0.05 });
    for (let i = 0; i < set.length; i++) {
      const { x, label } = set.row(i);
      const [a, b] = Array.from(x as Float32Array, Math.round);
      expect(label).toBe(a! ^ b!);
    }
  });

  it("spirals, moons and circles lie on their curves, as many of each class", () => {
    const spirals = data.spirals({ key, count: 300, classes: 3, noise: 0 });
    const moons = data.moons({ key, count: 300, noise: 0 });
    const circles = data.circles({ key, count: 300, noise: 0 });
    for (let i = 0; i < 300; i++) {
      const [sx, sy] = spirals.row(i).x as Float32Array;
      const turn =
        Math.atan2(sy!, sx!) / (2 * Math.PI) - 1.5 * Math.hypot(sx!, sy!) - (spirals.row(i).label as number) / 3;
      expect(Math.abs(turn - Math.round(turn))).toBeLessThan(1e-4);
      const [mx, my] = moons.row(i).x as Float32Array;
      expect(moons.row(i).label === 0 ? Math.hypot(mx!, my!) : Math.hypot(mx! - 1, my! - 0.5)).toBeCloseTo(1, 5);
      expect(Math.hypot(...(circles.row(i).x as Float32Array))).toBeCloseTo(circles.row(i).label === 0 ? 1 : 0.5, 5);
    }
    expect(spirals.filter(({ label }) => label === 2).length).toBe(100);
  });

  it("are the same for the same key and spread by the noise", () => {
    const values = (seed: number) => data.moons({ key: random.seed(seed), count: 5000, noise: 0.3 }).columns.x.values;
    expect(values(1)).toEqual(values(1));
    expect(values(1)).not.toEqual(values(2));
    const [noisy, plain] = [values(1), data.moons({ key: random.seed(1), count: 5000, noise: 0 }).columns.x.values];
    const errors = Array.from(noisy, (value, i) => value - plain[i]!);
    expect(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)).toBeCloseTo(0.3, 1);
  });
});

describe("tasks of sequences", () => {
  it("adding: two marks, one in each half; always to say 1 has an error of 1/6", () => {
    const set = data.adding({ key, count: 4000, length: 11 });
    let error = 0;
    for (let i = 0; i < set.length; i++) {
      const x = set.row(i).x as Float32Array;
      const marked = Array.from({ length: 11 }, (_, t) => t).filter((t) => x[2 * t + 1] === 1);
      expect(marked.length).toBe(2);
      expect(marked[0]).toBeLessThan(5);
      expect(marked[1]).toBeGreaterThanOrEqual(5);
      expect(set.row(i).target).toBeCloseTo(x[2 * marked[0]!]! + x[2 * marked[1]!]!, 6);
      error += ((set.row(i).target as number) - 1) ** 2 / set.length;
    }
    expect(error).toBeCloseTo(1 / 6, 1);
  });

  it("parity: odd numbers of ones", () => {
    const set = data.parity({ key, count: 50, length: 9 });
    for (let i = 0; i < 50; i++)
      expect(set.row(i).label).toBe((set.row(i).x as Float32Array).reduce((a, b) => a + b, 0) % 2);
  });

  it("copying: the symbols come again after the sign", () => {
    const set = data.copying({ key, count: 20, delay: 15, length: 4, symbols: 5 });
    for (let i = 0; i < 20; i++) {
      const [input, target] = [set.row(i).input as Int32Array, set.row(i).target as Int32Array];
      const symbols = [...input.slice(0, 4)];
      for (const symbol of symbols) expect(symbol >= 1 && symbol <= 5).toBe(true);
      expect([...input]).toEqual([...symbols, ...new Array(14).fill(0), 6, ...new Array(4).fill(0)]);
      expect([...target]).toEqual([...new Array(19).fill(0), ...symbols]);
    }
  });

  it("reversing: backwards", () => {
    const { columns, length } = data.reversing({ key, count: 30, length: [2, 6], symbols: 4 });
    expect(length).toBe(30);
    columns.source.forEach((source, i) => {
      expect([...(columns.target[i] as Int32Array)].reverse()).toEqual([...(source as Int32Array)]);
      expect(source.length >= 2 && source.length <= 6).toBe(true);
      for (const token of Array.from(source)) expect(token >= 3 && token < 7).toBe(true);
    });
  });

  it("combinations: all 2^n once", () => {
    const set = data.combinations(6);
    const seen = Array.from({ length: set.length }, (_, i) =>
      Number.parseInt((set.row(i).bits as Float32Array).join(""), 2),
    );
    expect(seen).toEqual(Array.from({ length: 64 }, (_, i) => i));
  });
});

describe("dates", () => {
  it("say the same day in both forms", () => {
    const pairs = data.dates({ key, count: 2000 });
    const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const forms = new Set<string>();
    for (const { human, iso } of pairs) {
      const [year, month, day] = iso.split("-") as [string, string, string];
      expect(iso).toMatch(/^\d{4}-\d\d-\d\d$/);
      const word = months.find((name) => human.toLowerCase().match(new RegExp(`\\b${name}`)));
      const numbers = human.match(/\d+/g)!.map(Number);
      expect(numbers).toContain(Number(day));
      expect(numbers.includes(Number(year)) || human.endsWith(`-${year.slice(2)}`)).toBe(true);
      if (word === undefined) expect(numbers).toContain(Number(month));
      else expect(months[Number(month) - 1]).toBe(word);
      const weekday = /(sun|mon|tue|wed|thu|fri|sat)(?=[a-z]*,| )/i.exec(human)?.[1]?.toLowerCase();
      if (weekday !== undefined && /^(the )?[A-Z][a-z]+,? /.test(human) && !word?.startsWith(weekday))
        expect(new Date(`${iso}T00:00Z`).toUTCString().slice(0, 3).toLowerCase()).toBe(weekday);
      forms.add(human.replace(/\d+(st|nd|rd|th)?/g, "9").replace(/[A-Za-z]{3,}/g, "m"));
    }
    expect(forms.size).toBeGreaterThanOrEqual(8);
    expect(pairs.map(({ iso }) => iso.slice(0, 4)).sort()[0]! >= "1970").toBe(true);
    expect(data.dates({ key, count: 3 })).toEqual(pairs.slice(0, 3));
  });
});

describe("scenes", () => {
  it("show what their captions say", () => {
    const size = 32;
    const { examples, scenes } = data.scenes({ key, count: 200, size });
    const colour = { red: [230, 40, 40], green: [40, 180, 60], blue: [50, 80, 230], yellow: [240, 220, 40] };
    scenes.forEach(({ caption, relation, objects: [a, b] }, i) => {
      expect(caption).toBe(`a ${a.colour} ${a.shape} ${relation} a ${b.colour} ${b.shape}`);
      const apart = {
        above: a.bottom <= b.top,
        below: a.top >= b.bottom,
        "left of": a.right <= b.left,
        "right of": a.left >= b.right,
      };
      expect(apart[relation]).toBe(true);
      const pixels = examples.columns.image.values.subarray(i * 3 * size * size, (i + 1) * 3 * size * size);
      const at = (x: number, y: number) => [0, 1, 2].map((c) => pixels[(c * size + y) * size + x]);
      // The middle belongs to every shape.
      for (const { left, top, right, bottom, colour: name } of [a, b])
        expect(at(Math.floor((left + right) / 2), Math.floor((top + bottom) / 2))).toEqual(colour[name]);
      const outside = (x: number, y: number) =>
        [a, b].every((o) => x < o.left || x >= o.right || y < o.top || y >= o.bottom);
      for (let k = 0; k < size * size; k++)
        if (outside(k % size, Math.floor(k / size)))
          expect(at(k % size, Math.floor(k / size))).toEqual([128, 128, 128]);
    });
    expect(new Set(scenes.map(({ objects }) => objects[0].shape)).size).toBe(4);
  });

  it("keep back the combinations that are asked for", () => {
    const { scenes } = data.scenes({
      key,
      count: 100,
      keep: ({ objects }) => objects.every((o) => !(o.colour === "red" && o.shape === "circle")),
    });
    expect(scenes.some(({ caption }) => caption.includes("red circle"))).toBe(false);
  });
});

describe("a mistake in making examples up", () => {
  refused([
    ["no points", () => data.moons({ key, count: 0 }), /count is 0, expected a whole number of 1 or more/],
    ["half a class", () => data.spirals({ key, classes: 1.5 }), /classes is 1\.5, expected a whole number/],
    [
      "a sum of one",
      () => data.adding({ key, count: 1, length: 1 }),
      /length is 1, expected a whole number of 2 or more/,
    ],
    ["no delay", () => data.copying({ key, count: 1, delay: 0 }), /delay is 0, expected/],
    [
      "a longest below the shortest",
      () => data.reversing({ key, count: 1, length: [5, 2] }),
      /length is 5 … 2, expected shortest and longest/,
    ],
    ["too many features", () => data.combinations(30), /30 features have 1073741824 combinations, expected at most 20/],
    ["years before there were any", () => data.dates({ key, count: 1, years: [5, 2] }), /years are 5 … 2/],
    [
      "pictures too small",
      () => data.scenes({ key, count: 1, size: 4 }),
      /size is 4, expected a whole number of 16 or more/,
    ],
    [
      "scenes that there are not",
      () => data.scenes({ key, count: 1, keep: () => false }),
      /keep holds for 0 of \d+ scenes/,
    ],
  ]);
});
