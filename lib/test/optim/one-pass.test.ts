import { describe, expect, it } from "vitest";
import { nn, optim, random } from "../../src/index.ts";

const [sides, parts] = [32, 16];

/** A matrix that is large enough to be updated in one pass, and the same numbers in rows that are not. */
class Numbers extends nn.Module {
  readonly whole = nn.parameter([sides, sides], () => random.seed(1).normal([sides, sides]));
  readonly rows = Array.from({ length: parts }, (_, i) =>
    nn.parameter([sides / parts, sides], () =>
      random
        .seed(1)
        .normal([sides, sides])
        .slice({ axis: 0, start: (i * sides) / parts, stop: ((i + 1) * sides) / parts }),
    ),
  );
}

const common = { rate: 0.1, weightDecay: 0.01 };
const makers: Readonly<Record<string, () => optim.Optimizer>> = {
  sgd: () => optim.sgd(common),
  "sgd with momentum": () => optim.sgd({ ...common, momentum: 0.9 }),
  "sgd with Nesterov's": () => optim.sgd({ ...common, momentum: 0.9, nesterov: true }),
  adam: () => optim.adam(common),
  "adam with the largest": () => optim.adam({ ...common, amsgrad: true }),
  adamw: () => optim.adamw(common),
  adamax: () => optim.adamax(common),
  nadam: () => optim.nadam(common),
  radam: () => optim.radam(common),
  lion: () => optim.lion(common),
  rmsprop: () => optim.rmsprop({ ...common, momentum: 0.5, centered: true }),
  adagrad: () => optim.adagrad(common),
  adadelta: () => optim.adadelta(common),
  rprop: () => optim.rprop({ rate: 0.1 }),
};

describe.each(Object.entries(makers))("%s", (_, make) => {
  it.each(["lies as the parameter", "lies turned"])(
    "takes one pass to the same bits where the gradient %s",
    async (how) => {
      const model = nn.init(new Numbers(), { seed: 1 });
      const optimizer = make();
      for (let step = 0; step < 4; step++) {
        const drawn = random.seed(10 + step).normal([sides, sides]);
        const whole = how === "lies turned" ? drawn.transpose() : drawn;
        const gradients = model.rows.map((row, i) => {
          const n = row.shape[0]!;
          return [`rows.${i}`, whole.slice({ axis: 0, start: i * n, stop: (i + 1) * n })] as const;
        });
        optimizer.update(model, new Map([["whole", whole], ...gradients]));
      }
      const rows = await Promise.all(model.rows.map((row) => row.toArray()));
      expect(await model.whole.toArray()).toEqual(rows.flat());
      const memory = optimizer.state().tensors;
      for (const [name, tensor] of memory) {
        if (!name.startsWith("whole.")) continue;
        const kind = name.slice("whole.".length);
        const parts = model.rows.map((_, i) => memory.get(`rows.${i}.${kind}`)!.toArray());
        expect(await tensor.toArray()).toEqual((await Promise.all(parts)).flat());
      }
    },
  );
});
