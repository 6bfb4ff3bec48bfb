import { describe, expect, it } from "vitest";
import { Best, findRate, inspect, losses, nn, optim, random, type Tensor, train } from "../../src/index.ts";

/** Two layers with one weight: an autoencoder whose decoder is its encoder the other way round would be of this kind. */
class Tied extends nn.Module {
  readonly first = new nn.Linear(3, 3);
  readonly second = new nn.Linear(3, 3);
  forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x).tanh());
  }
}

function tied(): Tied {
  const model = nn.init(new Tied(), { seed: 1 });
  Object.assign(model.second, { weight: model.first.weight });
  return model;
}

const x = random.seed(1).normal([8, 3]);
const loss = (model: Tied, batch: Tensor) => losses.squaredError(model.forward(batch), batch);
const isTied = (model: Tied) => model.first.weight === model.second.weight;

async function trained(model: Tied): Promise<Tied> {
  for await (const _ of train(model, [x, x], { loss, optimizer: optim.sgd({ rate: 0.1 }) }));
  return model;
}

describe("a weight in two places stays one", () => {
  it("when the search for a rate gives the model its values back", async () => {
    const model = tied();
    const before = model.first.weight;
    await findRate(model, [x], { loss, optimizer: (rate) => optim.sgd({ rate }), steps: 10 });
    expect(model.first.weight).toBe(before);
    expect(isTied(model)).toBe(true);
  });

  it("when the best values are restored, those of a saved state, too", async () => {
    const model = tied();
    const best = new Best();
    best.observe(model, 1, 1);
    const then = await model.first.weight.toArray();
    await trained(model);
    best.restore(model);
    expect(isTied(model)).toBe(true);
    expect(await model.second.weight.toArray()).toEqual(then);
    await trained(model);
    const again = new Best();
    again.load(best.state());
    again.restore(model);
    expect(isTied(model)).toBe(true);
    expect(await model.second.weight.toArray()).toEqual(then);
  });

  it("when it is averaged, for a while or for good", async () => {
    const model = tied();
    const average = optim.meanAverage();
    average.update(model);
    const one = model.first.weight;
    await trained(model);
    average.update(model);
    const two = model.first.weight;
    await average.using(model, () => {
      expect(isTied(model)).toBe(true);
    });
    expect(model.second.weight).toBe(two);
    average.apply(model);
    expect(isTied(model)).toBe(true);
    const expected = await one.add(two).div(2).data();
    (await model.second.weight.data()).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    expect([...average.state().tensors.keys()]).toEqual(["first.weight", "first.bias", "second.bias"]);
  });

  it("when connections are dropped: the same ones in both places", async () => {
    class Watched extends Tied {
      override forward(input: Tensor): Tensor {
        seen.push(isTied(this));
        return super.forward(input);
      }
    }
    const seen: boolean[] = [];
    const inner = nn.init(new Watched(), { seed: 1 });
    Object.assign(inner.second, { weight: inner.first.weight });
    const dropped = new nn.DropConnect(inner, 0.5);
    const step = {
      loss: (model: typeof dropped) => model.forward(x).square().mean(),
      optimizer: optim.sgd({ rate: 0.1 }),
    };
    for await (const _ of train(dropped, [x], { ...step, key: random.seed(2) }));
    expect(seen).toEqual([true]);
    expect(isTied(inner)).toBe(true);
  });

  it("when its loss is looked at in a plane around it", async () => {
    const model = tied();
    const plane = await inspect.lossPlane(model, (m) => loss(m, x), { points: 3 });
    expect(plane.losses[1]![1]).toBeCloseTo(await loss(model, x).item(), 5);
    expect(isTied(model)).toBe(true);
  });
});
