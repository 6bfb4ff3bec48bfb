/** A cell that trains, and shows how its loss falls, until it is stopped. */
export const training = `
import { losses, nn, optim, tensor, train } from "gradbook";
import { lossCurve } from "@gradbook/widgets";
const batch = { x: tensor([[0], [1], [2]]), y: tensor([[1], [3], [5]]) };
const line = nn.init(new nn.Linear(1, 1), { seed: 1 });
const curve = lossCurve({ title: "A line", yScale: "log" });
display(curve);
let latest = 0;
for await (const step of train(line, [batch], {
  loss: (model, { x, y }) => losses.squaredError(model.forward(x), y),
  optimizer: optim.sgd({ rate: (step) => 0.001 / (1 + step / 1e5) }),
  epochs: 1e9,
})) {
  curve.add(step);
  latest = step.step;
}
console.log("the loop ended by itself at", latest);`;
