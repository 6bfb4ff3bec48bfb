import { describe, expect, it } from "vitest";
import { deviceNamed } from "../../src/device/current.ts";
import { nn, optim, tensor, valueAndGrad } from "../../src/index.ts";
import { goldenNames, goldenRun } from "./fixtures.ts";

const makers: Readonly<Record<string, () => optim.Optimizer>> = {
  optim_sgd_mom_nesterov_wd: () => optim.sgd({ rate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  optim_sgd_mom: () => optim.sgd({ rate: 0.1, momentum: 0.9 }),
  optim_adam: () => optim.adam({ rate: 0.05 }),
  optim_adamw: () => optim.adamw({ rate: 0.05, weightDecay: 0.1 }),
  optim_rmsprop: () => optim.rmsprop({ rate: 0.01, decay: 0.9 }),
  optim_adagrad: () => optim.adagrad({ rate: 0.1 }),
  optim_adadelta: () => optim.adadelta(),
};

class Point extends nn.Module {
  readonly w = nn.parameter([3], nn.zerosInit);
}

const kinds = [
  { device: "plain", dtype: "float64", tolerance: 1e-9 },
  { device: "cpu", dtype: "float32", tolerance: 1e-4 },
] as const;

describe.each(kinds)("PyTorch's optimisers on $device in $dtype", ({ device, dtype, tolerance }) => {
  it.each(Object.keys(makers))("%s follows the same eight steps", async (name) => {
    const { c, t, w0, traj } = goldenRun(name);
    const on = { device: deviceNamed(device), dtype };
    const [weights, target] = [tensor(c, on), tensor(t, on)];
    const model = new Point();
    nn.init(model, { seed: 0 });
    Object.assign(model, { w: tensor(w0, on) });
    const optimizer = makers[name]!();
    for (const expected of traj) {
      const { gradient } = valueAndGrad(model, ({ w }) => w.sub(target).square().mul(weights).sum());
      optimizer.update(model, gradient);
      const values = await model.w.data();
      expected.forEach((value, i) => {
        expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
      });
    }
  });

  it("covers every run of the fixture", () => {
    expect(Object.keys(makers).sort()).toEqual(goldenNames.filter((name) => name.startsWith("optim_")).sort());
  });
});
