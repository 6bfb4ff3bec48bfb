// Another peer of gradbook.mjs: jax-js with its WebAssembly backend, on one thread, for those of the workloads that it can do,
// compiled by `jit` where that is its way. Its package lies in the folder that GRADBOOK_PEERS names.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./serve.mjs";

const require = createRequire(join(process.env.GRADBOOK_PEERS, "node_modules", "from-here.js"));
// It looks for a browser's before it starts; Node 20 has none.
globalThis.navigator ??= { userAgent: "node", hardwareConcurrency: 1 };
const jax = await import(pathToFileURL(require.resolve("@jax-js/jax")));
const { grad, jit, lax, nn, numpy: np, random, tree, valueAndGrad } = jax;
await jax.init();
jax.defaultDevice("wasm");

const normal = (...shape) => random.normal(random.key(shape.length), shape);
const small = (...shape) => normal(...shape).mul(0.05);

/** Reads the results, which gives them back as well; what a function is given it uses up, so it gets further references. */
const work = (compute, ...inputs) => {
  return () => {
    for (const result of tree.leaves(compute(...inputs.map(tree.ref)))) result.dataSync();
  };
};

const product = (n) => work(np.matmul, normal(n, n), normal(n, n));

const convolved = (x, w, padding) =>
  lax.convGeneralDilated(
    x,
    w,
    [1, 1],
    [padding, padding].map((n) => [n, n]),
  );

function convolution(batch, channels, size, filters, taps, padding) {
  const side = size + 2 * padding - taps + 1;
  const inputs = {
    x: normal(batch, channels, size, size),
    w: small(filters, channels, taps, taps),
    b: small(filters, 1, 1),
  };
  const total = ({ x, w, b }, upstream) => convolved(x, w, padding).add(b).mul(upstream).sum();
  return work(jit(grad(total)), inputs, normal(batch, filters, side, side));
}

function forwardConvolution(batch, channels, size, filters, taps, padding) {
  const forward = jit((x, w, b) => convolved(x, w, padding).add(b));
  return work(forward, normal(batch, channels, size, size), small(filters, channels, taps, taps), small(filters, 1, 1));
}

function lenet() {
  const batch = 64;
  let parameters = {
    ...{ w1: small(6, 1, 5, 5), b1: small(6, 1, 1), w2: small(16, 6, 5, 5), b2: small(16, 1, 1) },
    ...{ w3: small(400, 120), b3: small(120), w4: small(120, 84), b4: small(84), w5: small(84, 10), b5: small(10) },
  };
  const images = random.uniform(random.key(1), [batch, 1, 28, 28]);
  const labels = nn.oneHot(np.array(Int32Array.from({ length: batch }, (_, i) => i % 10)), 10);
  const pool = (x) => lax.reduceWindow(x, (part) => np.max(part), [2, 2], [2, 2]);
  const scores = (p, x) => {
    const first = pool(nn.relu(convolved(x, p.w1, 2).add(p.b1)));
    const second = pool(nn.relu(convolved(first, p.w2, 0).add(p.b2))).reshape([batch, 400]);
    const third = nn.relu(np.matmul(second, p.w3).add(p.b3));
    return np.matmul(nn.relu(np.matmul(third, p.w4).add(p.b4)), p.w5).add(p.b5);
  };
  const step = jit((p, x, y) => {
    const loss = (q) =>
      nn
        .logSoftmax(scores(q, x))
        .mul(y)
        .sum()
        .mul(-1 / batch);
    const [value, gradient] = valueAndGrad(loss)(tree.ref(p));
    return [value, tree.map((before, slope) => before.sub(slope.mul(0.01)), p, gradient)];
  });
  return () => {
    const [value, next] = step(parameters, images.ref, labels.ref);
    parameters = next;
    value.dataSync();
  };
}

function transformer() {
  const [batch, length, size, heads, wide] = [8, 128, 256, 8, 1024];
  const parameters = {
    ...{ wIn: small(size, 3 * size), bIn: np.zeros([3 * size]), wOut: small(size, size), bOut: np.zeros([size]) },
    ...{ wUp: small(size, wide), bUp: np.zeros([wide]), wDown: small(wide, size), bDown: np.zeros([size]) },
    ...{ gain1: np.ones([size]), bias1: np.zeros([size]), gain2: np.ones([size]), bias2: np.zeros([size]) },
  };
  const normalised = (x, gain, bias) => {
    const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
    return centred
      .div(np.sqrt(variance.add(1e-5)))
      .mul(gain)
      .add(bias);
  };
  const total = (p, x, upstream) => {
    const rows = x.reshape([batch * length, size]);
    const projected = np
      .matmul(rows.ref, p.wIn)
      .add(p.bIn)
      .reshape([batch, length, 3, heads, size / heads]);
    const parts = projected.transpose([2, 0, 3, 1, 4]);
    const [queries, keys, values] = [parts.ref.slice(0), parts.ref.slice(1), parts.slice(2)];
    const scores = np.matmul(queries, keys.transpose([0, 1, 3, 2])).mul((size / heads) ** -0.5);
    const seen = np
      .matmul(nn.softmax(scores), values)
      .transpose([0, 2, 1, 3])
      .reshape([batch * length, size]);
    const attended = normalised(rows.add(np.matmul(seen, p.wOut).add(p.bOut)), p.gain1, p.bias1);
    const fed = np.matmul(nn.relu(np.matmul(attended.ref, p.wUp).add(p.bUp)), p.wDown).add(p.bDown);
    return normalised(attended.add(fed), p.gain2, p.bias2).reshape([batch, length, size]).mul(upstream).sum();
  };
  return work(jit(grad(total)), parameters, normal(batch, length, size), normal(batch, length, size));
}

const make = {
  "matmul 64": () => product(64),
  "matmul 256": () => product(256),
  "matmul 512": () => product(512),
  "matmul 1024": () => product(1024),
  "matmul 2048": () => product(2048),
  "sum(tanh(2x+1)), 1e6": () =>
    work(
      jit((x) => np.tanh(x.mul(2).add(1)).sum()),
      normal(1e6),
    ),
  "conv 64×1×28→6@5, both ways": () => convolution(64, 1, 28, 6, 5, 2),
  "conv 64×1×28→6@5, forward": () => forwardConvolution(64, 1, 28, 6, 5, 2),
  "conv 64×16×14→32@3, both ways": () => convolution(64, 16, 14, 32, 3, 1),
  "conv 64×16×14→32@3, forward": () => forwardConvolution(64, 16, 14, 32, 3, 1),
  "LeNet-5 step, batch 64": lenet,
  "transformer layer 256, 8×128, both ways": transformer,
  "softmax 1024×1000": () =>
    work(
      jit((x) => nn.softmax(x)),
      normal(1024, 1000),
    ),
  "argmax 1024×1000": () => work((x) => np.argmax(x, -1), normal(1024, 1000)),
  "embedding 10000×256, 35×32": () => {
    const rows = np.array(Int32Array.from({ length: 35 * 32 }, (_, i) => (i * 7919) % 10000));
    return work((table, at) => table.slice(at), normal(10000, 256), rows);
  },
};

await serve((name) => make[name]?.(), { peer: true });
