import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  capture,
  checkpoint,
  concat,
  customPullback,
  einsum,
  grad,
  inspect,
  jvp,
  nn,
  random,
  scope,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
} from "../../src/index.ts";
import { bufferOf, counted } from "./counted.ts";

const x = tensor([
  [1, 2],
  [3, 4],
]);
const gone = /this tensor was made in a scope that has ended, and its memory was given back\. Return it/;

/** A tensor that was made in a scope and not returned. */
function lost(): Tensor {
  let one: Tensor | undefined;
  scope(() => {
    one = x.matmul(x);
  });
  return one!;
}

describe("scope", () => {
  it("returns what its body returns, and gives back exactly the rest", async () => {
    const { made, freed } = await counted(() => {
      const y = scope(() => x.matmul(x).matmul(x).matmul(x));
      expect(bufferOf(y)).toBeTruthy();
    });
    expect([made.size, freed.size]).toEqual([3, 2]);
  });

  it("returns anything else, too", () => {
    expect(scope(() => 3)).toBe(3);
    expect(scope(() => undefined)).toBeUndefined();
    expect(scope(() => null)).toBeNull();
    expect(scope(() => "text")).toBe("text");
  });

  it("keeps tensors in arrays, records, maps, sets and the fields of objects, however deep", async () => {
    class Holder {
      readonly inside = { list: [x.matmul(x)] };
    }
    const account = await counted(async ({ live }) => {
      const found = scope(() => {
        x.matmul(x);
        return {
          list: [x.matmul(x), [x.matmul(x)]],
          map: new Map<unknown, unknown>([
            ["a", x.matmul(x)],
            [x.matmul(x), 1],
          ]),
          set: new Set([x.matmul(x)]),
          holder: new Holder(),
          bytes: new Float32Array(4),
          nothing: null,
        };
      });
      expect(live().size).toBe(6);
      for (const one of [
        found.list[0] as Tensor,
        (found.list[1] as Tensor[])[0]!,
        found.map.get("a") as Tensor,
        [...found.map.keys()][1] as Tensor,
        [...found.set][0]!,
        found.holder.inside.list[0]!,
      ]) {
        expect(await one.toArray()).toEqual([
          [7, 10],
          [15, 22],
        ]);
      }
    });
    expect(account.freed.size).toBe(1);
  });

  it("goes through values that lead back to themselves", () => {
    const ring: { self?: unknown; tensor?: Tensor } = {};
    scope(() => {
      ring.self = ring;
      ring.tensor = x.matmul(x);
      return ring;
    });
    expect(ring.tensor!.add(1).shape).toEqual([2, 2]);
  });

  it("evaluates what it returns before what that is made of is gone", async () => {
    await counted(async () => {
      const y = scope(() => x.matmul(x).add(1).mul(x.sum()));
      expect(await y.toArray()).toEqual([
        [80, 110],
        [160, 230],
      ]);
    });
  });

  it("keeps the memory of which it returns a view, once", async () => {
    await counted(async ({ freed }) => {
      let base: Tensor | undefined;
      const [row, turned] = scope(() => {
        base = x.matmul(x);
        return [base.slice({ axis: 0, start: 1, stop: 2 }), base.transpose()] as const;
      });
      expect(freed.size).toBe(0);
      expect(bufferOf(row)).toBe(bufferOf(turned));
      expect(await row.toArray()).toEqual([[15, 22]]);
      expect(await turned.toArray()).toEqual([
        [7, 15],
        [10, 22],
      ]);
      expect(() => base!.add(1)).toThrow(gone);
    });
  });

  it("keeps the memory of tensors from before, also where it is taken in the scope", async () => {
    const { made, freed } = await counted(async () => {
      const older = tensor([1, 2]).add(1);
      const returned = tensor([1, 2]).add(2);
      scope(() => {
        older.expandDims(0).matmul(tensor([[1], [1]]));
        return returned;
      });
      expect(await older.toArray()).toEqual([2, 3]);
      expect(await older.mul(2).toArray()).toEqual([4, 6]);
      expect(await returned.toArray()).toEqual([3, 4]);
    });
    // The column and the product.
    expect(freed.size).toBe(2);
    expect(made.size).toBeGreaterThan(4);
  });

  it("leaves a view alone that it makes of a tensor from before", async () => {
    const { freed } = await counted(() => {
      scope(() => {
        x.transpose();
        x.reshape([4]);
      });
    });
    expect(freed.size).toBe(0);
    expect((await x.data())[0]).toBe(1);
  });

  it("gives back the copy that a view needed", async () => {
    const { made, freed } = await counted(() => {
      scope(() => x.transpose().reshape([4]));
      scope(() => void x.transpose().reshape([4]));
    });
    expect([made.size, freed.size]).toEqual([2, 1]);
  });

  it("gives everything back where its body throws, and the error goes on", async () => {
    let inside: Tensor | undefined;
    const { made, freed } = await counted(() => {
      expect(() =>
        scope(() => {
          inside = x.matmul(x);
          inside.matmul(x).add(1);
          throw new RangeError("mine");
        }),
      ).toThrow(new RangeError("mine"));
    });
    expect([made.size, freed.size]).toEqual([2, 2]);
    expect(() => inside!.sum()).toThrow(gone);
  });

  it("reads values by promises that it returns in something", async () => {
    await counted(async () => {
      const { sum, rows } = scope(() => ({ sum: x.matmul(x).sum().item(), rows: x.matmul(x).toArray() }));
      expect(await sum).toBe(54);
      expect(await rows).toEqual([
        [7, 10],
        [15, 22],
      ]);
    });
  });

  it("refuses a body that returns a promise", async () => {
    let inside: Tensor | undefined;
    const text =
      "scope: the body returned a promise, expected one that does not wait: its rest would run when the scope has ended. Return tensors from it and read them outside: await scope(…).data().";
    expect(() =>
      scope(async () => {
        inside = x.matmul(x);
        await inside.data();
        throw new Error("nobody hears this");
      }),
    ).toThrow(text);
    expect(() => inside!.sum()).toThrow(gone);
    expect(() => valueAndGrad(tensor(1), (y) => scope(async () => y) as unknown as Tensor)).toThrow(text);
  });

  it("draws what it draws outside: no bit is changed", async () => {
    const key = random.seed(3);
    const run = () => {
      const a = key.child("a").normal([4, 4]);
      return a
        .matmul(a)
        .tanh()
        .add(key.child("b").uniform([4, 4]));
    };
    expect(await scope(run).data()).toEqual(await run().data());
  });
});

describe("scopes in scopes", () => {
  it("own what the inner one returns until the outer one ends", async () => {
    let inner: Tensor | undefined;
    const { made, freed } = await counted(async ({ freed }) => {
      const outer = scope(() => {
        inner = scope(() => x.matmul(x).matmul(x));
        expect(freed.size).toBe(1);
        return inner.matmul(x);
      });
      expect(await outer.toArray()).toEqual([
        [199, 290],
        [435, 634],
      ]);
    });
    expect([made.size, freed.size]).toEqual([3, 2]);
    expect(() => inner!.add(1)).toThrow(gone);
  });

  it("leave tensors of the outer one alone that the inner one evaluates", async () => {
    await counted(async () => {
      const y = scope(() => {
        const pending = x.matmul(x).add(1);
        scope(() => pending.matmul(x));
        return scope(() => pending);
      });
      expect(await y.toArray()).toEqual([
        [8, 11],
        [16, 23],
      ]);
    });
  });

  it("compute what no scope computes, whatever the program, and free all but the result", async () => {
    type Program = { readonly op: number; readonly at: readonly number[]; readonly inside: readonly Program[] };
    const { program } = fc.letrec<{ program: Program }>((tie) => ({
      program: fc.record({
        op: fc.nat(6),
        at: fc.array(fc.nat(20), { minLength: 2, maxLength: 2 }),
        inside: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie("program"), { maxLength: 4 })),
      }),
    }));
    const run = (programs: readonly Program[], given: readonly Tensor[], scoped: typeof scope): Tensor => {
      const values = [...given];
      for (const { op, at, inside } of programs) {
        const [a, b] = at.map((i) => values[i % values.length]!) as [Tensor, Tensor];
        const steps: (() => Tensor)[] = [
          () => a.add(b),
          () => a.mul(0.5).tanh(),
          () => a.matmul(b),
          () => a.transpose(),
          () => a.softmax(0),
          () => a.slice({ axis: 0, start: 1, stop: 2 }).broadcastTo([2, 2]),
          () => scoped(() => run(inside, values, scoped)),
        ];
        values.push(steps[op]!());
      }
      return values.at(-1)!;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(program, { minLength: 1, maxLength: 12 }), async (programs) => {
        const expected = await run(programs, [x, x.mul(0.1)], (body) => body()).data();
        const start = [tensor([1, 2, 3, 4], { shape: [2, 2] }), x.mul(0.1)];
        let result: Tensor | undefined;
        const account = await counted(async ({ live }) => {
          result = scope(() => run(programs, start, scope));
          const left = live();
          for (const one of [result, ...start]) if (one.state.kind === "stored") left.delete(bufferOf(one));
          expect(left.size).toBe(0);
          expect(await result.data()).toEqual(expected);
        });
        expect(account.made.size).toBeGreaterThanOrEqual(account.freed.size);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a tensor whose memory was given back", () => {
  const uses: readonly (readonly [who: string, use: (y: Tensor) => unknown])[] = [
    ["add", (y) => add(y, 1)],
    ["add", (y) => x.add(y)],
    ["tanh", (y) => y.tanh()],
    ["matmul", (y) => x.matmul(y)],
    ["transpose", (y) => y.transpose()],
    ["sum", (y) => y.sum()],
    ["softmax", (y) => y.softmax()],
    ["concat", (y) => concat([x, y])],
    ["cast", (y) => y.cast("int32")],
    ["at", (y) => y.at(0)],
    ["grad", (y) => grad((z: Tensor) => z.sum())(y)],
    ["vjp", (y) => vjp((z) => z, y)],
    ["jvp", (y) => jvp((z) => z, y, x)],
    ["data", (y) => y.data()],
    ["item", (y) => y.sum().item()],
    ["toArray", (y) => y.toArray()],
  ];
  it.each(uses)("says so to %s", async (who, use) => {
    const y = lost();
    const attempt = (async () => use(y))();
    await expect(attempt).rejects.toThrow(gone);
    if (who !== "item") await expect(attempt).rejects.toThrow(new RegExp(`^${who}: `));
  });

  it("says so to item and einsum", async () => {
    let one: Tensor | undefined;
    scope(() => {
      one = tensor(3);
    });
    await expect(one!.item()).rejects.toThrow(/^item: this tensor was made in a scope/);
    expect(() => einsum("ij,jk->ik", lost(), x)).toThrow(gone);
  });

  it("says so in the very words of the design", () => {
    expect(() => lost().add(1)).toThrow(
      "add: this tensor was made in a scope that has ended, and its memory was given back. Return it from the scope's body to keep it.",
    );
  });

  it("says so where nobody had asked for its values", () => {
    let pending: Tensor | undefined;
    let held: Tensor | undefined;
    scope(() => {
      pending = x.add(1);
      held = tensor([1, 2]);
    });
    expect(() => pending!.mul(2)).toThrow(gone);
    expect(() => held!.mul(2)).toThrow(gone);
  });

  it("has a shape still, and prints as what it is", async () => {
    const y = lost();
    expect(y.shape).toEqual([2, 2]);
    expect(String(y)).toBe("Tensor float32 [2, 2] (given back when its scope ended)");
    const show = (one: Tensor) =>
      (one as unknown as Record<symbol, () => Promise<Record<string, string>>>)[Symbol.for("Jupyter.display")]!();
    expect(await show(y)).toEqual({ "text/plain": String(y) });
    let large: Tensor | undefined;
    scope(() => {
      large = x.reshape([4, 1]).matmul(x.reshape([1, 4]));
    });
    expect(await show(large!)).toEqual({
      "text/plain": "Tensor float32 [4, 4] (given back when its scope ended)",
    });
  });

  it("says so on the way back, instead of giving no gradient", () => {
    let found: ReturnType<typeof vjp> | undefined;
    scope(() => {
      found = vjp((z) => z.matmul(z).tanh(), x);
    });
    expect(() => found!.pullBack(x)).toThrow(gone);
  });
});

describe("memory on the CPU", () => {
  it("is free when the scope ends, whoever still holds the tensors", async () => {
    const watch = inspect.memory();
    const held: Tensor[] = [];
    const last = scope(() => {
      for (let i = 0; i < 10; i++) held.push(random.seed(i).normal([100, 100]));
      return held.at(-1)!;
    });
    const { bytes } = await watch.live();
    watch.stop();
    expect(held).toHaveLength(10);
    expect(bytes).toBe(4 * last.size);
  });
});

describe("derivatives and scopes", () => {
  const f = (y: Tensor) => y.matmul(y).tanh().sum();

  it("in a scope: value and gradient stay, what the tape held goes", async () => {
    const expected = valueAndGrad(x, f);
    const start = tensor([1, 2, 3, 4], { shape: [2, 2] });
    await counted(async ({ live }) => {
      const { value, gradient } = scope(() => valueAndGrad(start, f));
      const left = live();
      for (const one of [value, gradient]) left.delete(bufferOf(one));
      expect(left.size).toBe(0);
      expect(await value.data()).toEqual(await expected.value.data());
      expect(await gradient.data()).toEqual(await expected.gradient.data());
    });
  });

  it("by vjp: what its pullBack needs stays with it", async () => {
    await counted(async () => {
      const { pullBack } = scope(() => vjp((y) => y.matmul(y).tanh(), x));
      const expected = vjp((y) => y.matmul(y).tanh(), x).pullBack(x);
      expect(await scope(() => pullBack(x)).data()).toEqual(await expected.data());
    });
  });

  it("around a scope: it gives nothing back before the way back is done", async () => {
    const scoped = (y: Tensor) => scope(() => f(scope(() => y.mul(2))));
    const expected = await grad((y: Tensor) => f(y.mul(2)))(x).data();
    const { freed } = await counted(async () => {
      expect(await grad(scoped)(x).data()).toEqual(expected);
    });
    expect(freed.size).toBe(0);
  });

  it("around a scope, in a scope: the outer one gives it all back", async () => {
    const scoped = (y: Tensor) => scope(() => f(y.mul(2)));
    const start = tensor([1, 2, 3, 4], { shape: [2, 2] });
    await counted(async ({ live }) => {
      const gradient = scope(() => grad(scoped)(start));
      const left = live();
      left.delete(bufferOf(gradient));
      expect(left.size).toBe(0);
      expect(await gradient.data()).toEqual(await grad((y: Tensor) => f(y.mul(2)))(x).data());
    });
  });

  it("of higher order, forwards, by hand, computed again, and of many examples", async () => {
    const scoped = (y: Tensor) => scope(() => f(y.mul(2)));
    const plain = (y: Tensor) => f(y.mul(2));
    const own = (g: (y: Tensor) => Tensor) => customPullback(g, (c: Tensor, [y]: readonly [Tensor]) => [c.mul(y)]);
    const ways: readonly ((g: (y: Tensor) => Tensor) => Tensor)[] = [
      (g) => grad((y: Tensor) => grad(g)(y).square().sum())(x),
      (g) => jvp(g, x, x).tangent,
      (g) => grad((y: Tensor) => own(g)(y))(x),
      (g) => grad(checkpoint(g))(x),
      (g) => vmap(g)(tensor([1, 2, 3, 4, 5, 6, 7, 8], { shape: [2, 2, 2] })),
      (g) => vmap(grad(g))(tensor([1, 2, 3, 4, 5, 6, 7, 8], { shape: [2, 2, 2] })),
    ];
    for (const way of ways) {
      const expected = await way(plain).data();
      await counted(async () => {
        expect(await way(scoped).data()).toEqual(expected);
        expect(await scope(() => way(scoped)).data()).toEqual(expected);
      });
    }
  });
});

describe("a layer with a scope of its own", () => {
  class Thrifty extends nn.Module {
    readonly inner = new nn.Linear(2, 2);
    forward(y: Tensor): Tensor {
      return scope(() => this.inner.forward(y).tanh().mul(2));
    }
  }

  it("lets captures see what is in it", async () => {
    const model = nn.init(new Thrifty(), { seed: 1 });
    await counted(async () => {
      const inside = capture(model, x);
      expect(await inside.get("inner")!.data()).toEqual(await model.inner.forward(x).data());
    });
  });

  it("is trained as any", async () => {
    const model = nn.init(new Thrifty(), { seed: 1 });
    const { gradient } = valueAndGrad(model, (m) => m.forward(x).sum());
    const plain = valueAndGrad(model, (m) => m.inner.forward(x).tanh().mul(2).sum());
    expect(await gradient.get("inner.weight")!.data()).toEqual(await plain.gradient.get("inner.weight")!.data());
  });
});

describe("values of the library that hold tensors", () => {
  it("keep them where a scope returns them", async () => {
    const { Bernoulli, Categorical, LogNormal, MultivariateNormal } = random;
    const makes: readonly (() => { logProb(y: Tensor | number): Tensor })[] = [
      () => new Bernoulli({ probability: x.div(10).matmul(x.div(10)) }),
      () => new LogNormal({ location: x.matmul(x), scale: x.matmul(x) }),
    ];
    for (const make of makes) {
      await counted(async () => {
        expect(await scope(make).logProb(1).data()).toEqual(await make().logProb(1).data());
      });
    }
    await counted(async () => {
      const one = scope(() => new Categorical({ logits: x.matmul(x) }));
      expect(one.logProb(tensor([0, 1], { dtype: "int32" })).shape).toEqual([2]);
      const two = scope(() => new MultivariateNormal({ mean: x.at(0).add(0), covariance: x.matmul(x.transpose()) }));
      expect(two.logProb(tensor([0, 1])).shape).toEqual([]);
      const words = scope(() => new inspect.WordVectors(["a", "b"], x.matmul(x)));
      expect((await words.nearest("a"))[0]!.word).toBe("b");
    });
  });

  it("keep them from one step to the next", async () => {
    const rbm = nn.init(new nn.RBM(2, 2), { seed: 1 });
    const chain = () => nn.gibbs(rbm, { key: random.seed(1), chains: 3, steps: 4 });
    const expected = await Promise.all([...chain()].map(({ visible }) => visible.data()));
    await counted(async () => {
      const scoped = chain();
      for (const values of expected) {
        const visible = scope(() => {
          const next = scoped.next();
          return next.done === true ? undefined : next.value.visible.add(0);
        });
        expect(await visible!.data()).toEqual(values);
      }
    });
  });
});
