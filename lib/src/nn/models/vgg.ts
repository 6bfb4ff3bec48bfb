import { relu } from "../../operations/activation.ts";
import { adaptiveAvgPool2d } from "../../operations/adaptive-pooling.ts";
import { flatten } from "../../operations/rearrange.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BatchNorm2d } from "../batch-norm.ts";
import { Conv2d } from "../conv.ts";
import { Dropout } from "../dropout.ts";
import { heNormal, type Initialiser, zerosInit } from "../initialisers.ts";
import { Linear } from "../linear.ts";
import { checkCount, Module } from "../module.ts";
import { MaxPool2d } from "../pool.ts";
import { type Layer, Sequential } from "../sequential.ts";

/** By depth, how many convolutions each of the five stages has (table 1: A, B, D and E). */
const stages = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;
const widths = [64, 128, 256, 512, 512] as const;

export interface VGGOptions {
  /** 1000 if not said. */
  readonly classes?: number;
  /** Batch normalisation after each convolution. */
  readonly batchNorm?: boolean;
  /** Of the linear layers, while training; 0.5 if not said. */
  readonly dropout?: number;
}

/**
 * VGG with 11, 13, 16 or 19 layers with weights (Simonyan and Zisserman, ICLR 2015): `[batch, 3, 224, 224]` to logits
 * `[batch, classes]`, under torchvision's names. 132,863,336 parameters for 11 layers, 143,667,240 for 19.
 */
export class VGG extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor(depth: 11 | 13 | 16 | 19, { classes = 1000, batchNorm = false, dropout = 0.5 }: VGGOptions = {}) {
    super();
    checkCount("VGG", "classes", classes);
    if (!(depth in stages)) throw new ArgumentError("VGG", `depth is ${depth}, expected 11, 13, 16 or 19.`);
    const layers: Layer[] = [];
    let inputs = 3;
    for (const [stage, count] of stages[depth].entries()) {
      const outputs = widths[stage]!;
      for (let i = 0; i < count; i++) {
        layers.push(new Conv2d(inputs, outputs, 3, { padding: 1, initialiser: heNormal(outputs * 9) }));
        if (batchNorm) layers.push(new BatchNorm2d(outputs));
        layers.push(relu);
        inputs = outputs;
      }
      layers.push(new MaxPool2d(2));
    }
    const small: Initialiser = (shape, key) => key.normal(shape, { std: 0.01 });
    const linear = (from: number, to: number) =>
      new Linear(from, to, { initialiser: small, biasInitialiser: zerosInit });
    this.features = new Sequential(layers);
    this.classifier = new Sequential([
      ...[linear(512 * 7 * 7, 4096), relu, new Dropout(dropout)],
      ...[linear(4096, 4096), relu, new Dropout(dropout)],
      linear(4096, classes),
    ]);
  }

  forward(x: Tensor): Tensor<"float32"> {
    const maps = adaptiveAvgPool2d(this.features.forward(x), 7);
    return this.classifier.forward(flatten(maps, 1)) as Tensor<"float32">;
  }
}
