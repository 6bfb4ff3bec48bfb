import { describe, expect, it } from "vitest";
import {
  checkGradient,
  concat,
  losses,
  nn,
  optim,
  random,
  type Tensor,
  tensor,
  train,
  withDevice,
  zeros,
} from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

const int = (values: never) => tensor(values, { dtype: "int32" });
const list = async (x: Tensor) => Array.from(await x.data(), (value) => Math.round(value * 1e5) / 1e5);

describe("the addressing of a Turing machine", () => {
  const memory = tensor([
    [
      [1, 0],
      [0, 1],
      [3, 4],
    ],
  ]);

  it("weighs slots by the cosine with the key, whatever their length", async () => {
    const weights = nn.contentWeights(memory, { key: tensor([[0, 2]]), strength: tensor([[Math.log(32)]]) });
    // Cosines 0, 1 and .8: weights 1, 32 and 16 of 49.
    expect(await list(weights)).toEqual([1, 32, 16].map((n) => Math.round((n / 49) * 1e5) / 1e5));
  });

  it("moves weights round the memory", async () => {
    const weights = tensor([[0.1, 0.2, 0.7]]);
    // A step on for certain; then half on, half back.
    expect(await list(nn.shiftedWeights(weights, tensor([[0, 0, 1]])))).toEqual([0.7, 0.1, 0.2]);
    expect(await list(nn.shiftedWeights(weights, tensor([[0.5, 0, 0.5]])))).toEqual([0.45, 0.4, 0.15]);
    expect(await list(nn.shiftedWeights(weights, tensor([[1]])))).toEqual([0.1, 0.2, 0.7]);
  });

  it("sharpens: squares over their sum", async () => {
    expect(await list(nn.sharpenedWeights(tensor([[0.1, 0.2, 0.7]]), tensor([[2]])))).toEqual(
      [1, 4, 49].map((n) => Math.round((n / 54) * 1e5) / 1e5),
    );
    expect(await list(nn.sharpenedWeights(tensor([[0, 0, 1]]), tensor([[50]])))).toEqual([0, 0, 1]);
  });

  it("goes by content, gate, shift and sharpness in this order", async () => {
    const address = {
      key: tensor([[0, 2]]),
      strength: tensor([[Math.log(32)]]),
      gate: tensor([[0.5]]),
      shift: tensor([[0, 0, 1]]),
      sharpness: tensor([[2]]),
    };
    const gated = [1 / 49, 32 / 49, 16 / 49].map((c, i) => 0.5 * c + 0.5 * (i === 0 ? 1 : 0));
    const moved = [gated[2]!, gated[0]!, gated[1]!].map((w) => w * w);
    const total = moved.reduce((a, b) => a + b);
    const expected = moved.map((w) => Math.round((w / total) * 1e5) / 1e5);
    expect(await list(nn.addressed(memory, tensor([[1, 0, 0]]), address))).toEqual(expected);
  });

  it("erases and adds where the weights point", async () => {
    const after = nn.writtenTo(memory, {
      weights: tensor([[0, 0.5, 1]]),
      erase: tensor([[1, 0.5]]),
      add: tensor([[10, 20]]),
    });
    expect(await list(after)).toEqual([1, 0, 5, 0.75 + 10, 10, 2 + 20]);
  });

  it("has the derivatives of finite differences in every part", async () => {
    const parts = [6, 2, 1, 1, 3, 1, 3, 2, 2];
    const x = random.seed(1).normal([2, parts.reduce((a, b) => a + b)]);
    await checkGradient(
      (all) => {
        let from = 0;
        const [slots, key, strength, gate, shift, sharpness, before, erase, add] = parts.map((n) => {
          from += n;
          return all.slice({ axis: 1, start: from - n, stop: from });
        }) as Tensor[] as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
        const own = slots.reshape([2, 3, 2]);
        const weights = nn.addressed(own, before.softmax(), {
          ...{ key, strength: strength.softplus(), gate: gate.sigmoid() },
          ...{ shift: shift.softmax(), sharpness: sharpness.softplus().add(1) },
        });
        const after = nn.writtenTo(own, { weights, erase: erase.sigmoid(), add });
        return concat([weights, after.reshape([2, 6])], 1);
      },
      x,
      { tolerance: 1e-5 },
    );
  });
});

describe("a Turing machine", () => {
  const options = { slots: 6, width: 3, hidden: 5, readHeads: 2, writeHeads: 2 };

  it.each(["LSTM", "feedforward"] as const)("with controller %s goes on where it ended", async (controller) => {
    const machine = nn.init(new nn.TuringMachine(2, 3, { ...options, controller }), { seed: 1 });
    const x = random.seed(2).normal([2, 5, 2]);
    const whole = machine.forward(x);
    const first = machine.forward(x.slice({ axis: 1, stop: 2 }));
    const second = machine.forward(x.slice({ axis: 1, start: 2 }), { state: first.state });
    expect(await second.output.toArray()).toEqual(await whole.output.slice({ axis: 1, start: 2 }).toArray());
    expect(await second.state.memory.toArray()).toEqual(await whole.state.memory.toArray());
    expect(whole.weights.map(({ shape }) => shape)).toEqual(new Array(4).fill([2, 5, 6]));
    for (const weights of whole.weights)
      for (const sum of await weights.sum({ axis: -1 }).data()) expect(sum).toBeCloseTo(1, 5);
  });

  it("has the derivatives of finite differences through the steps", async () => {
    await withDevice("plain", async () => {
      const machine = nn.init(new nn.TuringMachine(2, 1, { slots: 4, width: 2, hidden: 3 }), { seed: 3 });
      for (const place of nn.parameters(machine)) place.set(place.get().cast("float64"));
      await checkGradient((x) => machine.forward(x).output, random.seed(4).normal([1, 3, 2]), { tolerance: 1e-5 });
    });
  });

  it("starts from what it has learned, equal for all of a batch", async () => {
    const machine = nn.init(new nn.TuringMachine(2, 1, options), { seed: 1 });
    const { memory, reads, weights, controller } = machine.start(3);
    expect([memory.shape, reads[1]!.shape, weights[3]!.shape, controller[1]!.shape]).toEqual([
      [3, 6, 3],
      [3, 3],
      [3, 6],
      [3, 5],
    ]);
    const paths = nn.parameters(machine).map(({ path }) => path);
    expect(paths).toContain("firstReads");
    expect(paths).toContain("writers.1.erase.weight");
  });
});

describe("a memory network", () => {
  it("does by hand what it does: one hop over a bag of words", async () => {
    const net = nn.init(
      new nn.MemoryNetwork({ words: 4, width: 2, memories: 3, hops: 1, encoding: "bag", temporal: false }),
      { seed: 1 },
    );
    const rows = [
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      [
        [0, 0],
        [2, 0],
        [0, 3],
        [1, -1],
      ],
    ];
    net.embeddings.forEach((embedding, i) => {
      Object.assign(embedding, { weight: tensor(rows[i]!) });
    });
    // Sentences "1 2" and "3", question "1": u = (1, 0), fits 1 and 1, so both halves; o = (2+0+1, 0+3−1) / 2.
    const { logits, weights } = net.forward(
      int([
        [
          [1, 2],
          [3, 0],
        ],
      ] as never),
      int([[1, 0]] as never),
    );
    expect(await list(weights)).toEqual([0.5, 0.5]);
    expect(await list(logits)).toEqual([0, 2 * 2.5, 3 * 1, 2.5 - 1]);
  });

  it("places words in a sentence by the paper's formula", async () => {
    const words = 3;
    const net = nn.init(new nn.MemoryNetwork({ words: 5, width: 4, memories: 2, hops: 1, temporal: false }), {
      seed: 2,
    });
    const vectors = (await net.embeddings[0]!.weight.toArray()) as number[][];
    const sentence = [2, 4, 1];
    // The question's encoding is u; with no story to read but padding, every answer is (u + o) times the last embedding.
    const { logits } = net.forward(zeros([1, 1, 3]).cast("int32"), int([sentence] as never), { linear: true });
    const u = Array.from({ length: 4 }, (_, k) =>
      sentence.reduce((sum, word, j) => {
        const [a, b] = [(j + 1) / words, (k + 1) / 4];
        return sum + (1 - a - b * (1 - 2 * a)) * vectors[word]![k]!;
      }, 0),
    );
    const last = (await net.embeddings[1]!.weight.toArray()) as number[][];
    const expected = last.map((row) => row.reduce((sum, value, k) => sum + value * u[k]!, 0));
    (await logits.data()).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
  });

  it("reads the same whatever padding there is, trained or not", async () => {
    const net = nn.init(new nn.MemoryNetwork({ words: 6, width: 4, memories: 4 }), { seed: 3 });
    // As the answer's map, the last embedding trains the row of padding.
    const trained = net.embeddings.at(-1)!;
    Object.assign(trained, { weight: trained.weight.add(1) });
    const story = [
      [1, 2, 3],
      [4, 5, 0],
    ];
    const one = net.forward(int([story] as never), int([[1, 2]] as never));
    const padded = story.map((row) => [...row, 0]);
    const two = net.forward(int([padded] as never), int([[1, 2, 0]] as never));
    expect(await list(two.logits)).toEqual(await list(one.logits));
    const three = net.forward(int([[[0, 0, 0], ...story]] as never), int([[1, 2]] as never));
    expect(await list(three.logits)).toEqual(await list(one.logits));
    expect((await three.weights.data())[0]).toBe(0);
  });

  it.each([
    ["adjacent", 4],
    ["layerwise", 3],
  ] as const)("tied %s shares what it should", (tying, embeddings) => {
    const net = new nn.MemoryNetwork({ words: 10, width: 4, memories: 5, hops: 3, tying });
    const count = nn.parameters(net).reduce((sum, place) => sum + place.get().size, 0);
    // Embeddings and ages; layerwise, the question, the answer and the map between hops, too.
    const expected = tying === "adjacent" ? embeddings * (40 + 20) : 2 * (40 + 20) + 40 + 40 + 16;
    expect(count).toBe(expected);
  });

  it("learns where things are: the last place named with a thing", async () => {
    // "thing k is at place p" in random order, one for each of 3 things; the question is "thing k".
    const [things, places] = [3, 4];
    const batch = (key: ReturnType<typeof random.seed>) => {
      const bits = key.bits(32 * (2 * 5 + 1));
      let at = 0;
      const under = (n: number) => (bits[at++]! >>> 8) % n;
      const rows = Array.from({ length: 32 }, () => {
        const story = Array.from({ length: 5 }, () => [1 + under(things), 1 + things + under(places)]);
        const asked = story[under(5)]![0]!;
        return { story, asked, answer: story.findLast(([thing]) => thing === asked)![1]! };
      });
      return {
        story: int(rows.map(({ story }) => story) as never),
        question: int(rows.map(({ asked }) => [asked]) as never),
        answer: int(rows.map(({ answer }) => answer) as never),
      };
    };
    const net = nn.init(new nn.MemoryNetwork({ words: 1 + things + places, width: 12, memories: 5, hops: 2 }), {
      seed: 1,
    });
    const batches = Array.from({ length: 400 }, (_, i) => batch(random.seed(i)));
    const settings = {
      loss: (m: nn.MemoryNetwork, b: ReturnType<typeof batch>) =>
        losses.crossEntropy(m.forward(b.story, b.question).logits, b.answer),
      optimizer: optim.adam({ rate: 0.02 }),
    };
    for await (const _ of train(net, batches, settings));
    const test = batch(random.seed(10_000));
    const answers = await net.forward(test.story, test.question).logits.argmax(-1).data();
    const expected = await test.answer.data();
    const right = answers.filter((answer, i) => answer === expected[i]).length;
    // By chance 8 of 32.
    expect(right).toBeGreaterThanOrEqual(30);
  }, 60_000);
});

describe("what does not fit a memory", () => {
  const net = nn.init(new nn.MemoryNetwork({ words: 6, width: 4, memories: 2 }), { seed: 3 });
  const machine = nn.init(new nn.TuringMachine(2, 1, { slots: 4, width: 2, hidden: 3 }), { seed: 3 });
  const story = zeros([2, 2, 3]).cast("int32");
  const question = zeros([2, 3]).cast("int32");
  const options = { words: 6, width: 4, memories: 2 };
  refused([
    ["a story of numbers", () => net.forward(zeros([2, 2, 3]), question), /words are float32, expected int32/],
    [
      "a story without sentences",
      () => net.forward(question, question),
      /the story is \[2, 3\], the question \[2, 3\]; expected \[batch, sentences, words\]/,
    ],
    ["another number of questions", () => net.forward(story, zeros([3, 3]).cast("int32")), /the question \[3, 3\]/],
    [
      "too long a story",
      () => net.forward(zeros([2, 3, 3]).cast("int32"), question),
      /3 sentences, expected at most 2\. Keep the latest/,
    ],
    [
      "an encoding that there is not",
      () => new nn.MemoryNetwork({ ...options, encoding: "order" as never }),
      /encoding is order/,
    ],
    [
      "a tying that there is not",
      () => new nn.MemoryNetwork({ ...options, tying: "none" as never }),
      /tying is none, expected "adjacent"/,
    ],
    ["no hops", () => new nn.MemoryNetwork({ ...options, hops: 0 }), /hops is 0, expected a positive/],
    [
      "input of another width",
      () => machine.forward(zeros([1, 3, 3])),
      /the input is \[1, 3, 3\], expected \[batch, time, 2\]/,
    ],
    ["input without steps", () => machine.forward(zeros([1, 0, 2])), /expected \[batch, time, 2\]/],
    [
      "a controller that there is not",
      () => new nn.TuringMachine(2, 1, { controller: "GRU" as never }),
      /controller is GRU/,
    ],
    [
      "a reach round the memory",
      () => new nn.TuringMachine(2, 1, { slots: 4, reach: 2 }),
      /reach is 2, expected less than half of the 4 slots/,
    ],
    [
      "an even number of shifts",
      () => nn.shiftedWeights(zeros([1, 4]), zeros([1, 2])),
      /the shifts are \[1, 2\], expected \[batch, an odd number\]/,
    ],
  ]);
});
