import { expect, test } from "vitest";
import { losses, nn, optim, type Step, tensor, train } from "../../src/index.ts";

const control = Symbol.for("gradbook.control");
interface Controlled {
  readonly [control]: {
    readonly ended: boolean;
    readonly paused: boolean;
    readonly waiting: boolean;
    pause(): void;
    resume(): void;
    stop(): void;
  };
}

const line = () => nn.init(new nn.Linear(1, 1), { seed: 1 });
const batch = { x: tensor([[0], [1], [2]]), y: tensor([[1], [3], [5]]) };
const training = (model: nn.Linear, signal?: AbortSignal) =>
  train(model, [batch], {
    loss: (m, { x, y }) => losses.squaredError(m.forward(x), y),
    optimizer: optim.sgd({ rate: 0.05 }),
    epochs: 200,
    ...(signal && { signal }),
  });
const controlOf = (step: Step) => (step as unknown as Controlled)[control];

test("a paused training makes no further step until it is resumed, and goes on to the same parameters", async () => {
  const plain = line();
  for await (const _ of training(plain));
  const model = line();
  let latest = 0;
  let whilePaused = -1;
  const waiting: boolean[] = [];
  for await (const step of training(model)) {
    latest = step.step;
    if (step.step !== 50) continue;
    controlOf(step).pause();
    waiting.push(controlOf(step).waiting);
    setTimeout(() => {
      whilePaused = latest;
      waiting.push(controlOf(step).waiting);
      controlOf(step).resume();
    }, 100);
  }
  expect(whilePaused).toBe(50);
  // Only when it has come to where it is held up.
  expect(waiting).toEqual([false, true]);
  expect(latest).toBe(200);
  expect(await model.weight.toArray()).toEqual(await plain.weight.toArray());
});

test("a stopped training ends its loop after the step it was stopped at, also while it is paused", async () => {
  for (const pausing of [false, true]) {
    let latest = 0;
    for await (const step of training(line())) {
      latest = step.step;
      if (step.step !== 7) continue;
      if (pausing) controlOf(step).pause();
      setTimeout(() => controlOf(step).stop(), pausing ? 20 : 0);
      if (!pausing) controlOf(step).stop();
    }
    expect(latest).toBe(7);
  }
});

test("an interrupt ends a paused training", async () => {
  const aborting = new AbortController();
  const run = async () => {
    for await (const step of training(line(), aborting.signal)) {
      controlOf(step).pause();
      setTimeout(() => aborting.abort(new Error("enough")), 20);
    }
  };
  await expect(run()).rejects.toThrow("enough");
});

test("a training says that it is over, also one that was left or failed, and cannot be paused any more", async () => {
  let last: Step | undefined;
  for await (const step of training(line())) {
    last = step;
    if (step.step === 3) expect(controlOf(step).ended).toBe(false);
  }
  const controls = [controlOf(last!)];
  for await (const step of training(line())) {
    controls.push(controlOf(step));
    break;
  }
  const failing = async () => {
    for await (const step of training(line())) {
      controls.push(controlOf(step));
      throw new Error("in the loop");
    }
  };
  await expect(failing()).rejects.toThrow("in the loop");
  for (const each of controls) each.pause();
  expect(controls.map(({ ended, paused }) => [ended, paused])).toEqual(controls.map(() => [true, false]));
});

test("a step shows its numbers only", async () => {
  for await (const step of training(line())) {
    expect(Object.keys(step).sort()).toEqual(["epoch", "gradNorm", "loss", "measured", "rate", "seconds", "step"]);
    break;
  }
});
