import { data, device, losses, nn, optim, random, relu, train } from "gradbook";

/** The losses of a small net that learns to tell two spirals apart, on a device. It runs in Node and in a page. */
export async function lossesOn(name: "cpu" | "gpu"): Promise<number[]> {
  await device(name, { required: true });
  const spirals = data.spirals({ count: 256, key: random.seed(1) });
  const net = nn.init(
    new nn.Sequential([
      new nn.Linear(2, 32),
      relu,
      new nn.LayerNorm(32),
      new nn.Linear(32, 16),
      relu,
      new nn.Linear(16, 2),
    ]),
    { seed: 1 },
  );
  const found: number[] = [];
  for await (const { loss } of train(net, spirals.batches({ size: 64, shuffle: random.seed(1) }), {
    loss: (model, { x, label }) => losses.crossEntropy(model.forward(x), label),
    optimizer: optim.adam({ rate: 1e-2 }),
    epochs: 8,
  }))
    found.push(loss);
  await device("cpu");
  return found;
}
