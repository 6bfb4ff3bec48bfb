// Does the GPU compute what the CPU computes? Operations and their derivatives, and the losses of LeNet-5. Ends with 1 where
// it does not.
import { device } from "gradbook";
import { adapter } from "./adapter.mjs";
import { training } from "./lenet.mjs";
import { compare, operations } from "./table.mjs";

/** How far apart values may be, and derivatives, which go through more roundings; and losses. */
const [near, nearGradients, nearLosses] = [1e-4, 1e-3, 1e-3];

const found = await adapter();
console.log(`adapter: ${found?.name ?? "none"}${found?.software ? ", which the CPU emulates" : ""}`);
await device("gpu", { required: true });
/** Steps, and digits in each: a driver that the CPU emulates takes seconds for what a GPU does in a millisecond. */
const [steps, batch] = found?.software ? [8, 8] : [100, 64];

const show = (off) => (off === 0 ? "0" : off.toExponential(1)).padStart(10);
let wrong = 0;
console.log(`${"".padEnd(30)}    values  gradients`);
for (const operation of operations) {
  const { name, values, gradients } = await compare(operation);
  const right = values <= near && gradients <= nearGradients;
  if (!right) wrong++;
  console.log(`${name.padEnd(30)}${show(values)} ${show(gradients)}${right ? "" : "  too far apart"}`);
}

async function curve(name) {
  await device(name, { required: true });
  const losses = [];
  for await (const { loss } of training(batch)) if (losses.push(loss) === steps) break;
  return losses;
}
const [slow, fast] = [await curve("cpu"), await curve("gpu")];
const apart = Math.max(...fast.map((loss, i) => Math.abs(loss - slow[i])));
console.log(
  `LeNet-5, ${steps} steps: loss ${fast[0].toFixed(4)} → ${fast.at(-1).toFixed(4)}, CPU and GPU ${show(apart).trim()} apart`,
);
if (!(apart <= nearLosses)) wrong++;
if (!(fast.at(-1) < fast[0])) {
  wrong++;
  console.log("LeNet-5 has not learnt.");
}
console.log(wrong === 0 ? `all ${operations.length} operations and LeNet-5 agree` : `${wrong} of the checks failed`);
process.exit(wrong === 0 ? 0 : 1);
