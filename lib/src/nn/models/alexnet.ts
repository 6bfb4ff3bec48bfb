import { relu } from "../../operations/activation.ts";
import { adaptiveAvgPool2d } from "../../operations/adaptive-pooling.ts";
import { flatten } from "../../operations/rearrange.ts";
import { ArgumentError } from "../../tensor/errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { Conv2d, type Conv2dOptions } from "../conv.ts";
import { Dropout } from "../dropout.ts";
import { Linear } from "../linear.ts";
import { LocalResponseNorm } from "../local-norm.ts";
import { checkCount, Module } from "../module.ts";
import { MaxPool2d } from "../pool.ts";
import { type Layer, Sequential } from "../sequential.ts";

export interface AlexNetOptions {
  /** 1000 if not said. */
  readonly classes?: number;
  /**
   * 2012 (if not said): the net of the paper, in two groups, with local response normalisation. 2014: without either, in
   * the sizes of "One weird trick" (Krizhevsky 2014), which are torchvision's.
   */
  readonly version?: 2012 | 2014;
  /** Of the linear layers, while training; 0.5 if not said. */
  readonly dropout?: number;
}

/** The constants of section 3.3, in PyTorch's terms: α is multiplied by the size. */
const response = () => new LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 });
const pool = () => new MaxPool2d(3, { stride: 2 });

function conv(inputs: number, outputs: number, size: number, options: Conv2dOptions = {}): Conv2d {
  return new Conv2d(inputs, outputs, size, { padding: (size - 1) / 2, ...options });
}

const features: Readonly<Record<2012 | 2014, () => readonly Layer[]>> = {
  2012: () => [
    ...[conv(3, 96, 11, { stride: 4, padding: 2 }), relu, response(), pool()],
    ...[conv(96, 256, 5, { groups: 2 }), relu, response(), pool()],
    ...[conv(256, 384, 3), relu, conv(384, 384, 3, { groups: 2 }), relu],
    ...[conv(384, 256, 3, { groups: 2 }), relu, pool()],
  ],
  2014: () => [
    ...[conv(3, 64, 11, { stride: 4, padding: 2 }), relu, pool()],
    ...[conv(64, 192, 5), relu, pool()],
    ...[conv(192, 384, 3), relu, conv(384, 256, 3), relu, conv(256, 256, 3), relu, pool()],
  ],
};

/**
 * AlexNet (Krizhevsky, Sutskever and Hinton, NIPS 2012): `[batch, 3, 224, 224]` to logits `[batch, classes]`. 60,965,224
 * parameters for 1,000 classes; version 2014 has 61,100,840 under torchvision's names.
 */
export class AlexNet extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor({ classes = 1000, version = 2012, dropout = 0.5 }: AlexNetOptions = {}) {
    super();
    checkCount("AlexNet", "classes", classes);
    if (!(version in features)) throw new ArgumentError("AlexNet", `version is ${version}, expected 2012 or 2014.`);
    this.features = new Sequential(features[version]());
    this.classifier = new Sequential([
      ...[new Dropout(dropout), new Linear(256 * 6 * 6, 4096), relu],
      ...[new Dropout(dropout), new Linear(4096, 4096), relu],
      new Linear(4096, classes),
    ]);
  }

  forward(x: Tensor): Tensor<"float32"> {
    const maps = adaptiveAvgPool2d(this.features.forward(x), 6);
    return this.classifier.forward(flatten(maps, 1)) as Tensor<"float32">;
  }
}

/**
 * A small net of AlexNet's kind for CIFAR-10 images, `[batch, 3, 32, 32]` to logits: three convolutions of 5 × 5 with
 * 32, 32 and 64 maps, overlapping pooling and response normalisation, and one linear layer (Krizhevsky's cuda-convnet,
 * the net with 18 % test error; 89,578 parameters for ten classes).
 */
export class SmallAlexNet extends Module {
  readonly features: Sequential;
  readonly classifier: Linear;

  /** @param options `activation` after each convolution: the rectifier, if not said. */
  constructor({ classes = 10, activation = relu }: { readonly classes?: number; readonly activation?: Layer } = {}) {
    super();
    checkCount("SmallAlexNet", "classes", classes);
    const halved = () => new MaxPool2d(3, { stride: 2, padding: 1 });
    const near = () => new LocalResponseNorm(3, { alpha: 5e-5, beta: 0.75, k: 1 });
    this.features = new Sequential([
      ...[conv(3, 32, 5), halved(), activation, near()],
      ...[conv(32, 32, 5), activation, halved(), near()],
      ...[conv(32, 64, 5), activation, halved()],
    ]);
    this.classifier = new Linear(64 * 4 * 4, classes);
  }

  forward(x: Tensor): Tensor<"float32"> {
    return this.classifier.forward(flatten(this.features.forward(x), 1));
  }
}
