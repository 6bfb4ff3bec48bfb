// Another peer of gradbook.mjs: TensorFlow.js with its WebAssembly backend, on one thread, for those of the workloads that it
// is compared in. Its packages lie in the folder that GRADBOOK_PEERS names.
import { createRequire } from "node:module";
import { join } from "node:path";
import { serve } from "./serve.mjs";

const peers = join(process.env.GRADBOOK_PEERS, "node_modules");
const require = createRequire(join(peers, "from-here.js"));
// Its greeting is not for those who read the times.
console.log = console.info = console.warn = () => {};
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
wasm.setWasmPaths(join(peers, "@tensorflow/tfjs-backend-wasm/dist/"));
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
await tf.setBackend("wasm");
await tf.ready();

/** Runs a function, waits for its results and lets go of them. */
const work = (compute) => () =>
  tf.tidy(() => {
    for (const result of [compute()].flat()) result.dataSync();
  });

function product(n) {
  const [a, b] = [tf.randomNormal([n, n]), tf.randomNormal([n, n])];
  return work(() => tf.matMul(a, b));
}

function lstm() {
  const [size, steps, batch] = [256, 35, 32];
  const inputs = [
    tf.randomNormal([steps, batch, size]),
    tf.randomNormal([size, 4 * size], 0, 0.05),
    tf.randomNormal([size, 4 * size], 0, 0.05),
    tf.zeros([4 * size]),
  ];
  const total = (x, fromInput, fromState, bias) => {
    let [state, cell] = [tf.zeros([batch, size]), tf.zeros([batch, size])];
    const states = tf.unstack(x).map((now) => {
      const sums = tf.add(tf.add(tf.matMul(now, fromInput), tf.matMul(state, fromState)), bias);
      const [input, forget, candidate, output] = tf.split(sums, 4, 1);
      cell = tf.add(tf.mul(tf.sigmoid(forget), cell), tf.mul(tf.sigmoid(input), tf.tanh(candidate)));
      state = tf.mul(tf.sigmoid(output), tf.tanh(cell));
      return state;
    });
    return tf.sum(tf.stack(states));
  };
  const gradients = tf.grads(total);
  return work(() => gradients(inputs));
}

function transformer() {
  const [batch, length, size, heads, wide] = [8, 128, 256, 8, 1024];
  const normal = (...shape) => tf.randomNormal(shape, 0, 0.05);
  const parameters = [
    ...[normal(size, 3 * size), tf.zeros([3 * size]), normal(size, size), tf.zeros([size])],
    ...[normal(size, wide), tf.zeros([wide]), normal(wide, size), tf.zeros([size])],
    ...[tf.ones([size]), tf.zeros([size]), tf.ones([size]), tf.zeros([size])],
  ];
  const normalised = (x, gain, bias) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), gain), bias);
  };
  const layer = (x, wIn, bIn, wOut, bOut, wUp, bUp, wDown, bDown, gain1, bias1, gain2, bias2) => {
    const rows = tf.reshape(x, [batch * length, size]);
    const projected = tf.reshape(tf.add(tf.matMul(rows, wIn), bIn), [batch, length, 3, heads, size / heads]);
    const [queries, keys, values] = tf.unstack(tf.transpose(projected, [2, 0, 3, 1, 4]));
    const scores = tf.mul(tf.matMul(queries, keys, false, true), (size / heads) ** -0.5);
    const seen = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), values), [0, 2, 1, 3]), [batch * length, size]);
    const attended = normalised(tf.add(rows, tf.add(tf.matMul(seen, wOut), bOut)), gain1, bias1);
    const fed = tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(attended, wUp), bUp)), wDown), bDown);
    return tf.reshape(normalised(tf.add(attended, fed), gain2, bias2), [batch, length, size]);
  };
  const gradients = tf.grads(layer);
  const [x, upstream] = [tf.randomNormal([batch, length, size]), tf.randomNormal([batch, length, size])];
  return work(() => gradients([x, ...parameters], upstream));
}

const make = {
  "matmul 64": () => product(64),
  "matmul 256": () => product(256),
  "matmul 512": () => product(512),
  "matmul 1024": () => product(1024),
  "LSTM 256, 35×32, both ways": lstm,
  "transformer layer 256, 8×128, both ways": transformer,
  "softmax 1024×1000": () => {
    const x = tf.randomNormal([1024, 1000]);
    return work(() => tf.softmax(x));
  },
  "argmax 1024×1000": () => {
    const x = tf.randomNormal([1024, 1000]);
    return work(() => tf.argMax(x, -1));
  },
};

await serve((name) => make[name]?.(), { peer: true });
