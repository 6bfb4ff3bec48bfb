// LeNet-5 with rectifiers, and digits that are drawn at random: ten pictures, and noise on them.
import { flatten, losses, nn, optim, random, relu, tensor, train } from "gradbook";

export function lenet(seed) {
  const layers = [
    ...[new nn.Conv2d(1, 6, 5, { padding: 2 }), relu, new nn.MaxPool2d(2)],
    ...[new nn.Conv2d(6, 16, 5), relu, new nn.MaxPool2d(2), (x) => flatten(x, 1)],
    ...[new nn.Linear(400, 120), relu, new nn.Linear(120, 84), relu, new nn.Linear(84, 10)],
  ];
  return nn.init(new nn.Sequential(layers), { seed });
}

export function digits(count, seed) {
  const label = tensor(Int32Array.from({ length: count }, (_, i) => i % 10));
  const pictures = random.seed(1).uniform([10, 1, 28, 28]);
  const noise = random.seed(seed).normal([count, 1, 28, 28]).mul(0.3);
  return { image: pictures.take(label).add(noise).sub(0.5), label };
}

/** Trains on the current device and gives the losses as they come, forever. */
export function training(batch) {
  const batches = Array.from({ length: 4 }, (_, i) => digits(batch, 2 + i));
  return train(lenet(1), batches, {
    loss: (net, { image, label }) => losses.crossEntropy(net.forward(image), label),
    optimizer: optim.sgd({ rate: 0.05, momentum: 0.9 }),
    epochs: Number.POSITIVE_INFINITY,
  });
}
