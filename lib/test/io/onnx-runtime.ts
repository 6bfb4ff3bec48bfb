import { createRequire } from "node:module";
import type { Tensor } from "../../src/index.ts";

type Values = ArrayLike<number>;

interface Session {
  readonly outputNames: readonly string[];
  run(feeds: Record<string, unknown>): Promise<Record<string, { readonly data: ArrayLike<number | bigint> }>>;
}
interface Ort {
  readonly env: { logLevel: string; wasm: { numThreads: number } };
  readonly InferenceSession: { create(file: Uint8Array): Promise<Session> };
  readonly Tensor: new (type: string, values: unknown, shape: readonly number[]) => unknown;
}

/** ONNX Runtime, compiled to WebAssembly, where it is installed. */
export interface Runtime {
  /** The results of a model by name. */
  run(file: Uint8Array, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Values>>;
}

function load(): Ort | null {
  try {
    return createRequire(import.meta.url)("onnxruntime-web") as Ort;
  } catch {
    const message = "onnxruntime-web is not installed. To get it: npm install.";
    if (process.env.GRADBOOK_REQUIRE === "all") throw new Error(message);
    console.warn(`Models are not compared with ONNX Runtime: ${message}`);
    return null;
  }
}

const ort = load();

export const runtime: Runtime | null = ort && {
  async run(file, inputs) {
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(file);
    const feeds: Record<string, unknown> = {};
    for (const [name, x] of Object.entries(inputs)) feeds[name] = new ort.Tensor(x.dtype, await x.data(), x.shape);
    const found = await session.run(feeds);
    return Object.fromEntries(
      session.outputNames.map((name) => [name, Array.from(found[name]!.data as ArrayLike<number>, Number)]),
    );
  },
};
