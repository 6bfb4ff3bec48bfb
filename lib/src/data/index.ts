export { type Batch, type Column, type Columns, Dataset } from "./dataset.ts";
export { readIdx } from "./idx.ts";
export { Loader, type LoaderOptions } from "./loader.ts";
export { type Digits, type MnistOptions, mnist, mnistSource } from "./sources/mnist.ts";
