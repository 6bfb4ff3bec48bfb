import { flatten, nn, relu, type Tensor, tanh } from "../../src/index.ts";

/** LeNet-5 as published: 60,000 parameters and 340,908 connections. */
export class LeNet5 extends nn.Module {
  readonly c1 = new nn.Conv2d(1, 6, 5, { padding: 2 });
  readonly s2 = new nn.Subsampling(6);
  readonly c3 = new nn.PartialConv2d(6, 5, nn.c3Table);
  readonly s4 = new nn.Subsampling(16);
  readonly c5 = new nn.Conv2d(16, 120, 5);
  readonly f6 = new nn.Linear(120, 84);
  readonly output = new nn.RadialBasis(nn.digitCodes);

  forward(image: Tensor): Tensor {
    const squash = (x: Tensor) => tanh(x.mul(2 / 3)).mul(1.7159);
    let maps = image;
    for (const layer of [this.c1, this.s2, this.c3, this.s4, this.c5]) maps = squash(layer.forward(maps));
    return this.output.forward(squash(this.f6.forward(flatten(maps, 1))));
  }
}

/** The network of today's textbooks; PyTorch's nn.Sequential has the same names. */
export function modernLeNet(): nn.Sequential {
  return new nn.Sequential([
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    relu,
    new nn.MaxPool2d(2),
    new nn.Conv2d(6, 16, 5),
    relu,
    new nn.MaxPool2d(2),
    (x) => flatten(x, 1),
    new nn.Linear(400, 120),
    relu,
    new nn.Linear(120, 84),
    relu,
    new nn.Linear(84, 10),
  ]);
}
