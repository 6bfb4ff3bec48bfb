import { relu } from "../../operations/activation.ts";
import { add } from "../../operations/arithmetic.ts";
import { slice } from "../../operations/indexing.ts";
import { pad } from "../../operations/padding.ts";
import { mean } from "../../operations/reduction.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BatchNorm2d } from "../batch-norm.ts";
import { Conv2d } from "../conv.ts";
import { heNormal } from "../initialisers.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module } from "../module.ts";
import { MaxPool2d } from "../pool.ts";
import { type Layer, Sequential } from "../sequential.ts";

function conv(inputs: number, outputs: number, size: 1 | 3 | 7, stride: number): Conv2d {
  const initialiser = heNormal(outputs * size * size);
  return new Conv2d(inputs, outputs, size, { stride, padding: (size - 1) / 2, bias: false, initialiser });
}

/** How a block goes on from `inputs` to `outputs` maps. */
interface Way {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  /** What takes the place of the input beside the layers, where the shapes differ. */
  readonly downsample: Layer | null;
}

/** Two convolutions of 3 × 3 and the input beside them. */
class BasicBlock extends Module {
  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Layer | null;

  constructor({ inputs, outputs, stride, downsample }: Way) {
    super();
    this.conv1 = conv(inputs, outputs, 3, stride);
    this.bn1 = new BatchNorm2d(outputs);
    this.conv2 = conv(outputs, outputs, 3, 1);
    this.bn2 = new BatchNorm2d(outputs);
    this.downsample = downsample;
  }

  forward(x: Tensor): Tensor {
    const y = this.bn2.forward(this.conv2.forward(relu(this.bn1.forward(this.conv1.forward(x)))));
    return relu(add(y, beside(this.downsample, x)));
  }
}

/** Convolutions of 1 × 1, 3 × 3 and 1 × 1, the last with four times the maps, and the input beside them; it strides at 3 × 3. */
class Bottleneck extends Module {
  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Layer | null;

  constructor({ inputs, outputs, stride, downsample }: Way) {
    super();
    const narrow = outputs / Bottleneck.expansion;
    this.conv1 = conv(inputs, narrow, 1, 1);
    this.bn1 = new BatchNorm2d(narrow);
    this.conv2 = conv(narrow, narrow, 3, stride);
    this.bn2 = new BatchNorm2d(narrow);
    this.conv3 = conv(narrow, outputs, 1, 1);
    this.bn3 = new BatchNorm2d(outputs);
    this.downsample = downsample;
  }

  forward(x: Tensor): Tensor {
    const first = relu(this.bn1.forward(this.conv1.forward(x)));
    const second = relu(this.bn2.forward(this.conv2.forward(first)));
    return relu(add(this.bn3.forward(this.conv3.forward(second)), beside(this.downsample, x)));
  }
}

function beside(downsample: Layer | null, x: Tensor): Tensor {
  if (downsample === null) return x;
  return typeof downsample === "function" ? downsample(x) : downsample.forward(x);
}

const shapes = {
  18: { Block: BasicBlock, counts: [2, 2, 2, 2] },
  34: { Block: BasicBlock, counts: [3, 4, 6, 3] },
  50: { Block: Bottleneck, counts: [3, 4, 6, 3] },
  101: { Block: Bottleneck, counts: [3, 4, 23, 3] },
  152: { Block: Bottleneck, counts: [3, 8, 36, 3] },
} as const;

/**
 * Residual net with 18, 34, 50, 101 or 152 layers (He, Zhang, Ren and Sun, CVPR 2016): `[batch, 3, h, w]` to logits
 * `[batch, classes]`, under torchvision's names. 11,689,512 parameters for 18 layers and 1,000 classes, 25,557,032 for 50.
 *
 * @example
 * ```ts
 * import { nn, zeros } from "gradbook";
 *
 * const net = nn.init(new nn.models.ResNet(18, { classes: 10 }), { seed: 1 });
 * console.log(net.forward(zeros([1, 3, 64, 64])).shape); // [ 1, 10 ]
 * ```
 */
export class ResNet extends Module {
  readonly conv1 = conv(3, 64, 7, 2);
  readonly bn1 = new BatchNorm2d(64);
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly fc: Linear;
  readonly #pool = new MaxPool2d(3, { stride: 2, padding: 1 });

  constructor(depth: 18 | 34 | 50 | 101 | 152, { classes = 1000 }: { readonly classes?: number } = {}) {
    super();
    checkCount("ResNet", "classes", classes);
    if (!(depth in shapes)) throw new ArgumentError("ResNet", `depth is ${depth}, expected 18, 34, 50, 101 or 152.`);
    const { Block, counts } = shapes[depth];
    let inputs = 64;
    const stage = (i: 0 | 1 | 2 | 3) => {
      const outputs = 64 * 2 ** i * Block.expansion;
      const blocks = Array.from({ length: counts[i] }, (_, b) => {
        const stride = i > 0 && b === 0 ? 2 : 1;
        const differs = stride !== 1 || inputs !== outputs;
        const downsample = differs
          ? new Sequential([conv(inputs, outputs, 1, stride), new BatchNorm2d(outputs)])
          : null;
        const block = new Block({ inputs, outputs, stride, downsample });
        inputs = outputs;
        return block;
      });
      return new Sequential(blocks);
    };
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
    this.fc = new Linear(inputs, classes);
  }

  forward(x: Tensor): Tensor<"float32"> {
    const start = this.#pool.forward(relu(this.bn1.forward(this.conv1.forward(x))));
    const maps = [this.layer1, this.layer2, this.layer3, this.layer4].reduce<Tensor>(
      (y, layer) => layer.forward(y),
      start,
    );
    return this.fc.forward(mean(maps, { axis: [2, 3] }));
  }
}

/**
 * The residual nets for CIFAR-10 of section 4.2 of the paper: 6n + 2 layers (20, 32, 44, 56, 110 …) with 16, 32 and 64
 * maps, and shortcuts without parameters that take every second pixel and add maps of zeros. 0.27 million parameters for
 * 20 layers (269,722 for ten classes).
 */
export class CifarResNet extends Module {
  readonly conv1 = conv(3, 16, 3, 1);
  readonly bn1 = new BatchNorm2d(16);
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly fc: Linear;

  constructor(depth: number, { classes = 10 }: { readonly classes?: number } = {}) {
    super();
    checkCount("CifarResNet", "classes", classes);
    if (!Number.isInteger(depth) || depth < 8 || depth % 6 !== 2)
      throw new ArgumentError("CifarResNet", `depth is ${depth}, expected 6n + 2: 20, 32, 44, 56, 110.`);
    const stage = (inputs: number, outputs: number) =>
      new Sequential(
        Array.from({ length: (depth - 2) / 6 }, (_, b) => {
          const first = b === 0 && inputs !== outputs;
          const way = { inputs: b === 0 ? inputs : outputs, outputs, stride: first ? 2 : 1 };
          return new BasicBlock({ ...way, downsample: first ? halved(outputs - inputs) : null });
        }),
      );
    this.layer1 = stage(16, 16);
    this.layer2 = stage(16, 32);
    this.layer3 = stage(32, 64);
    this.fc = new Linear(64, classes);
  }

  forward(x: Tensor): Tensor<"float32"> {
    const start = relu(this.bn1.forward(this.conv1.forward(x)));
    const maps = [this.layer1, this.layer2, this.layer3].reduce<Tensor>((y, layer) => layer.forward(y), start);
    return this.fc.forward(mean(maps, { axis: [2, 3] }));
  }
}

/** Every second pixel, with maps of zeros around: half of the new ones before, half after. */
function halved(more: number): (x: Tensor) => Tensor {
  return (x) => {
    const small = slice(slice(x, { axis: 2, step: 2 }), { axis: 3, step: 2 });
    const around = [0, more / 2, 0, 0];
    return pad(small, { before: around, after: around });
  };
}
