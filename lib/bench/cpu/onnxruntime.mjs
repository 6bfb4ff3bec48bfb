// Another peer of gradbook.mjs: onnxruntime for Node, on as many threads as GRADBOOK_THREADS says, for those of the workloads
// that only go forward. Our export writes the models. Its package lies in the folder that GRADBOOK_PEERS names.
import { createRequire } from "node:module";
import { join } from "node:path";
import { nn, random, softmax, toOnnx } from "../../dist/index.js";
import { serve } from "./serve.mjs";

const require = createRequire(join(process.env.GRADBOOK_PEERS, "node_modules", "from-here.js"));
const { InferenceSession, Tensor } = require("onnxruntime-node");

const normal = (...shape) => random.seed(shape.length).normal(shape);

/** A model in a session, and its work on the inputs. */
async function forward(model, ...inputs) {
  const names = inputs.map((_, i) => `x${i}`);
  const session = await InferenceSession.create(await toOnnx(model, inputs, { inputs: names, batch: "fixed" }), {
    intraOpNumThreads: Number(process.env.GRADBOOK_THREADS),
    interOpNumThreads: 1,
  });
  const tensors = await Promise.all(inputs.map(async (x) => new Tensor("float32", await x.data(), [...x.shape])));
  const feeds = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  return () => session.run(feeds);
}

class Product extends nn.Module {
  forward(a, b) {
    return a.matmul(b);
  }
}

class Softmax extends nn.Module {
  forward(x) {
    return softmax(x, -1);
  }
}

const product = (n) => forward(new Product(), normal(n, n), normal(n, n));

function convolution(batch, channels, size, filters, taps, padding) {
  const layer = nn.init(new nn.Conv2d(channels, filters, taps, { padding }), { seed: 1 });
  return forward(layer, normal(batch, channels, size, size));
}

const make = {
  "matmul 64": () => product(64),
  "matmul 256": () => product(256),
  "matmul 512": () => product(512),
  "matmul 1024": () => product(1024),
  "matmul 2048": () => product(2048),
  "conv 64×1×28→6@5, forward": () => convolution(64, 1, 28, 6, 5, 2),
  "conv 64×16×14→32@3, forward": () => convolution(64, 16, 14, 32, 3, 1),
  "conv 32×64×56→64@3, forward": () => convolution(32, 64, 56, 64, 3, 1),
  "softmax 1024×1000": () => forward(new Softmax(), normal(1024, 1000)),
  "layer norm 1024×256": () => forward(nn.init(new nn.LayerNorm(256), { seed: 1 }), normal(1024, 256)),
};

await serve((name) => make[name]?.(), { peer: true });
