import { describe, expect, it } from "vitest";
import { nn, ones, optim, tensor, valueAndGrad } from "../../src/index.ts";
import { drawn, pythonHasTorch, seed } from "../golden/python.ts";
import { refused } from "../misuse/refused.ts";

interface Case {
  readonly kind: string;
  readonly options: never;
  readonly rates: readonly number[];
  readonly observed: readonly number[] | null;
}

describe.skipIf(!pythonHasTorch())("schedules", () => {
  it("are those of PyTorch", () => {
    const script = new URL("./schedules.py", import.meta.url);
    for (const { kind, options, rates, observed } of drawn<Case>(script, seed, 110)) {
      let rate = (optim as never as Record<string, (options: never) => optim.Schedule>)[kind]!;
      if (kind === "pieces")
        rate = (({ rate, factor, at }: { rate: number; factor: number; at: number }) =>
          optim.pieces([
            [0, rate],
            [at, optim.exponential({ rate, factor })],
          ])) as never;
      const schedule = rate(options);
      rates.forEach((expected, step) => {
        const what = `GRADBOOK_SEED=${seed}: ${kind} ${JSON.stringify(options)} at ${step}`;
        expect(Math.abs(schedule(step) - expected), what).toBeLessThanOrEqual(1e-9 * Math.max(1, expected));
        if (observed !== null) (schedule as optim.Plateau).observe(observed[step]!);
      });
    }
  });
});

describe("a schedule", () => {
  it("follows a transformer's published curve", () => {
    const rate = optim.inverseSquareRoot({ rate: (512 * 4000) ** -0.5, warmUp: 4000 });
    for (const step of [1, 100, 4000, 10_000])
      expect(rate(step - 1)).toBeCloseTo(512 ** -0.5 * Math.min(step ** -0.5, step * 4000 ** -1.5), 12);
  });

  it("of one cycle has a rate everywhere, also where it rises or falls in no steps", () => {
    const options = { rate: 1, startDivisor: 10, endDivisor: 10, shape: "linear" } as const;
    const rates = (steps: number, rising: number) => {
      const rate = optim.oneCycle({ ...options, steps, rising });
      return Array.from({ length: steps + 1 }, (_, step) => Number(rate(step).toFixed(6)));
    };
    // One step of ten rises: it is the top, from which 9 steps of 0.11 lead to 0.01.
    expect(rates(10, 0.1)).toEqual([1, 0.89, 0.78, 0.67, 0.56, 0.45, 0.34, 0.23, 0.12, 0.01, 0.01]);
    expect(rates(4, 1)).toEqual([0.1, 0.4, 0.7, 1, 0.01]);
    expect(rates(1, 1)).toEqual([1, 0.01]);
  });

  it("whose rate is none is refused before the step counts and a parameter changes", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    const { gradient } = valueAndGrad(model, (m) => m.forward(ones([1, 1])).sum());
    const before = await model.weight.item();
    const rates: readonly (readonly [number, RegExp])[] = [
      [Number.NaN, /sgd: the rate at step 0 is NaN, expected a finite number of 0 or more\. See .*schedule\(0\)/],
      [Number.POSITIVE_INFINITY, /the rate at step 0 is Infinity/],
      [-0.1, /the rate at step 0 is -0\.1/],
    ];
    for (const [rate, message] of rates)
      for (const options of [{ rate: () => rate }, { rate: 1, groups: { bias: { rate: () => rate } } }]) {
        const optimizer = optim.sgd(options);
        expect(() => optimizer.update(model, gradient)).toThrow(message);
        expect(optimizer.step).toBe(0);
        expect(await model.weight.item()).toBe(before);
      }
    optim.sgd({ rate: () => 0 }).update(model, gradient);
    expect(await model.weight.item()).toBe(before);
  });

  it("is followed by the optimiser, step for step", async () => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1, initialisers: { "*": nn.zerosInit } });
    const optimizer = optim.sgd({ rate: optim.stepDecay({ rate: 1, every: 2, factor: 0.5 }) });
    const reached: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const { gradient } = valueAndGrad(model, (m) => m.forward(ones([1, 1])).sum());
      optimizer.update(model, gradient);
      reached.push(await model.bias!.item());
    }
    expect(reached).toEqual([-1, -2, -2.5, -3]);
  });

  it("sees progress below 0 as above: better by more than a part of the best's size", () => {
    const less = optim.reduceOnPlateau({ rate: 1, factor: 0.5, patience: 0, threshold: 0.1 });
    // Progress is below −10 − 1, then below −12 − 1.2.
    expect([-10, -10.9, -12, -13.1, -13.3].map((loss) => less.observe(loss))).toEqual([1, 0.5, 0.5, 0.25, 0.25]);
    const more = optim.reduceOnPlateau({ rate: 1, factor: 0.5, patience: 0, threshold: 0.1, better: "more" });
    // Progress is above −10 + 1, then above −8 + 0.8.
    expect([-10, -9.1, -8, -7.3, -7.1].map((score) => more.observe(score))).toEqual([1, 0.5, 0.5, 0.25, 0.25]);
  });

  it("that remembers something is saved with the optimiser", () => {
    const make = () => {
      const rate = optim.reduceOnPlateau({ rate: 1, factor: 0.5, patience: 1 });
      return { rate, optimizer: optim.sgd({ rate: 0.1, groups: { bias: { rate } } }) };
    };
    const [a, b] = [make(), make()];
    for (const loss of [3, 3, 3, 3]) a.rate.observe(loss);
    b.optimizer.load(a.optimizer.state());
    for (const loss of [3, 2, 2, 2, 2]) expect(b.rate.observe(loss)).toBe(a.rate.observe(loss));
  });
});

describe("a schedule made of others", () => {
  it("is saved with what they remember", () => {
    const make = () => {
      const [first, second] = [1, 2].map((rate) => optim.reduceOnPlateau({ rate, factor: 0.5, patience: 1 })) as [
        optim.Plateau,
        optim.Plateau,
      ];
      const rate = optim.pieces([
        [0, 0.1],
        [2, optim.warmUp({ steps: 3, into: first })],
        [9, second],
      ]);
      return { first, second, rate, optimizer: optim.sgd({ rate }) };
    };
    const [a, b] = [make(), make()];
    for (const loss of [3, 3, 3, 3]) a.first.observe(loss);
    for (const loss of [3, 3, 1]) a.second.observe(loss);
    b.optimizer.load(
      JSON.parse(JSON.stringify(a.optimizer.state()), (key, value) => (key === "tensors" ? new Map() : value)),
    );
    expect(b.first.state()).toEqual([0.5, 3, 1, 0]);
    expect(b.second.state()).toEqual(a.second.state());
    expect([b.rate(0), b.rate(5), b.rate(9)]).toEqual([0.1, 0.5, 2]);
    for (const loss of [3, 3, 3]) expect(b.first.observe(loss)).toBe(a.first.observe(loss));
  });

  it("has no memory if none of them has", () => {
    const rate = optim.warmUp({ steps: 3, into: optim.cosine({ rate: 1, steps: 5 }) });
    expect(optim.sgd({ rate }).state().schedules).toEqual({});
  });
});

describe("averages of parameters", () => {
  const states = async (average: optim.Average) => {
    const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
    for (const value of [1, 5, 3]) {
      nn.parameters(model)[0]!.set(tensor([[value]]));
      average.update(model);
    }
    return { model, value: await average.using(model, () => model.weight.item()) };
  };

  it("decay, or weigh all alike, and leave the model as it was", async () => {
    const moving = await states(optim.movingAverage({ decay: 0.5 }));
    expect(moving.value).toBe(3);
    expect(await moving.model.weight.item()).toBe(3);
    expect((await states(optim.meanAverage())).value).toBe(3);
    expect((await states(optim.movingAverage({ decay: 0.75 }))).value).toBe(0.75 * (0.75 * 1 + 0.25 * 5) + 0.25 * 3);
  });

  it("give the model back when what uses them fails", async () => {
    const average = optim.meanAverage();
    const { model } = await states(average);
    nn.parameters(model)[0]!.set(tensor([[9]]));
    await expect(
      average.using(model, () => {
        throw new Error("failed");
      }),
    ).rejects.toThrow("failed");
    expect(await model.weight.item()).toBe(9);
  });

  it("are saved and go on exactly", async () => {
    const [a, b] = [optim.meanAverage(), optim.meanAverage()];
    await states(a);
    b.load(a.state());
    expect((await states(b)).value).toBe((await states(a)).value);
  });
});

describe("a mistake with optimisers and schedules", () =>
  refused([
    ["a decay below 0", () => optim.adam({ weightDecay: -1 }), /weightDecay is -1, expected a number of 0 or more/],
    ["a group's rate of 0", () => optim.sgd({ rate: 1, groups: { bias: { rate: 0 } } }), /rate of bias is 0/],
    ["a rate without end", () => optim.sgd({ rate: Number.POSITIVE_INFINITY }), /rate is Infinity.*that is finite/],
    [
      "a cycle that rises after its end",
      () => optim.oneCycle({ rate: 1, steps: 9, rising: 2 }),
      /rising is 2, expected 0/,
    ],
    ["nesterov without momentum", () => optim.sgd({ rate: 1, nesterov: true }), /expected a positive momentum/],
    ["steps that grow when the slope turns", () => optim.rprop({ shrink: 2 }), /shrink is 2.*0 < shrink < 1 < grow/],
    ["a beta of 1", () => optim.radam({ beta2: 1 }), /beta2 is 1, expected 0 ≤ beta2 < 1/],
    ["clipping to nothing", () => optim.clipNorm(new Map(), 0), /the limit is 0, expected a positive number/],
    ["clipping to less than nothing", () => optim.clipValue(new Map(), -1), /the limit is -1, expected a positive/],
    ["a descent of no steps", () => optim.cosine({ rate: 1, steps: 0 }), /steps is 0, expected a positive number of/],
    ["restarts that shrink", () => optim.cosine({ rate: 1, steps: 5, restarts: 0.5 }), /restarts is 0\.5/],
    ["no pieces", () => optim.pieces([]), /no pieces, expected at least one/],
    [
      "pieces out of order",
      () =>
        optim.pieces([
          [0, 1],
          [5, 1],
          [5, 1],
        ]),
      /piece 2 begins at step 5, expected a later/,
    ],
    ["a first piece that is late", () => optim.pieces([[3, 1]]), /piece 0 begins at step 3, expected 0/],
    [
      "a rate that rises on a plateau",
      () => optim.reduceOnPlateau({ rate: 1, factor: 2 }),
      /factor is 2, expected 0 </,
    ],
    ["an average without decay", () => optim.movingAverage({ decay: 1 }), /decay is 1, expected 0 ≤ decay < 1/],
    [
      "using an average of nothing",
      () => optim.meanAverage().using(nn.init(new nn.Linear(1, 1), { seed: 1 }), () => 0),
      /nothing went in yet, expected at least one update/,
    ],
    [
      "a group that matches nothing",
      () => {
        const model = nn.init(new nn.Linear(1, 1), { seed: 1 });
        optim.sgd({ rate: 1, groups: { encoder: { rate: 0.1 } } }).update(model, new Map());
      },
      /no path matches encoder, expected one of weight, bias/,
    ],
  ]));
