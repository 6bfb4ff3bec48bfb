import { flatten, nn, relu } from "../dist/index.js";

/** LeNet-5 with rectifiers and max-pooling, as in notebooks/06-lenet-5. */
export function rectifiedLeNet(seed) {
  const layers = [
    ...[new nn.Conv2d(1, 6, 5, { padding: 2 }), relu, new nn.MaxPool2d(2)],
    ...[new nn.Conv2d(6, 16, 5), relu, new nn.MaxPool2d(2), (x) => flatten(x, 1)],
    ...[new nn.Linear(400, 120), relu, new nn.Linear(120, 84), relu, new nn.Linear(84, 10)],
  ];
  return nn.init(new nn.Sequential(layers), { seed });
}
