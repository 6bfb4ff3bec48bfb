// What the page of the browser's test runs: a small net that learns on the GPU of the browser.
import { device } from "../../../src/device/open.ts";
import { valueAndGrad } from "../../../src/gradient/grad.ts";
import { crossEntropy } from "../../../src/losses/index.ts";
import { init, Linear, Sequential } from "../../../src/nn/index.ts";
import { tanh } from "../../../src/operations/index.ts";
import { sgd } from "../../../src/optim/index.ts";
import { seed } from "../../../src/random/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { scope } from "../../../src/tensor/scope.ts";

async function learn(): Promise<{ readonly name: string; readonly losses: number[] }> {
  const gpu = await device("gpu", { required: true });
  const model = init(new Sequential([new Linear(2, 8), tanh, new Linear(8, 2)]), { seed: 1 });
  const x = seed(1).normal([32, 2]);
  const values = await x.data();
  const labels = tensor(Int32Array.from({ length: 32 }, (_, i) => (values[2 * i]! * values[2 * i + 1]! > 0 ? 1 : 0)));
  const optimizer = sgd({ rate: 0.5, momentum: 0.9 });
  const losses: number[] = [];
  for (let step = 0; step < 60; step++) {
    const loss = scope(() => {
      const { value, gradient } = valueAndGrad(model, (m) => crossEntropy(m.forward(x), labels));
      optimizer.update(model, gradient);
      return value;
    });
    losses.push(await loss.item());
  }
  return { name: gpu.name, losses };
}

Object.assign(globalThis, { learn });
