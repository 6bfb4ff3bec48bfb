import type { Loops, Pass, Section } from "../../vector/loops.ts";
import { type Code, f32x4, f64x2, i32, type Local, type Statement, v128 } from "../assembler/code.ts";
import { advance, repeatWhile, sequence, when } from "../assembler/control.ts";
import { type Declare, define, type FunctionCode } from "../assembler/module.ts";
import { Straight } from "./straight.ts";

/** Bytes of a vector, and of the eight floats that are done at a time. */
const VECTOR = 16;
const STEP = 32;
const zero = f32x4.const(0);

/**
 * WebAssembly for loops over rows. Its parameters: how many `rows`; the bytes of a row's elements in `whole` steps of
 * eight; whether there is a `rest`, and where its `mask` of eight lanes lies; the address and the stride, in bytes, of
 * every stream; the numbers. Rows take whole steps: what lies behind their elements may be read and written. Truth values
 * are floats, 0 or 1.
 */
export function emit(loops: Loops, fused: boolean): FunctionCode {
  const parameters: Record<string, "i32" | "f32"> = { rows: "i32", whole: "i32", rest: "i32", mask: "i32" };
  for (const stream of loops.streams.keys())
    Object.assign(parameters, { [`at${stream}`]: "i32", [`stride${stream}`]: "i32" });
  for (const number of loops.numbers.keys()) parameters[`number${number}`] = "f32";
  return define(parameters, (given, declare) => new Emitter(loops, given, declare, fused).write());
}

class Emitter {
  readonly #loops: Loops;
  readonly #given: Readonly<Record<string, Local<"i32"> | Local<"f32">>>;
  readonly #declare: Declare;
  readonly #fused: boolean;
  readonly #slots: readonly Local<"v128">[];
  readonly #at: Local<"i32">;

  constructor(
    loops: Loops,
    given: Readonly<Record<string, Local<"i32"> | Local<"f32">>>,
    declare: Declare,
    fused: boolean,
  ) {
    this.#loops = loops;
    this.#given = given;
    this.#declare = declare;
    this.#fused = fused;
    this.#slots = Array.from({ length: loops.slots }, () => declare("v128"));
    this.#at = declare("i32");
  }

  write(): Statement {
    const numbers = this.#loops.numbers.map((_, i) =>
      this.#slots[i]!.set(f32x4.splat(this.#given[`number${i}`] as Local<"f32">)),
    );
    const next = this.#loops.streams.map((_, i) => advance(this.#address(i), this.#integer(`stride${i}`)));
    const rows = this.#integer("rows");
    const row = sequence(
      this.#loops.passes.map((pass) => this.#pass(pass)),
      next,
      advance(rows, -1),
    );
    return sequence(numbers, when(rows, repeatWhile(rows, row)));
  }

  #integer(name: string): Local<"i32"> {
    return this.#given[name] as Local<"i32">;
  }

  #address(stream: number): Local<"i32"> {
    return this.#integer(`at${stream}`);
  }

  #section({ code, keeps, stores }: Section): Statement {
    const straight = new Straight(code, this.#declare, this.#fused);
    return sequence(
      straight.write((stream) => v128.loadSplat(this.#address(stream)), this.#slots),
      keeps.map(({ to, value }) => this.#slots[to]!.set(straight.value(value.index))),
      stores.map(({ to, value }) => v128.store(this.#address(to), straight.value(value.index))),
    );
  }

  #pass({ before, code, stores, fold }: Pass): Statement {
    const section = this.#section(before);
    if (stores.length === 0 && fold === null) return section;
    const straight = new Straight(code, this.#declare, this.#fused);
    const folding = fold === null ? null : fold.by === "sum" ? new Sum(this.#declare) : new Max(this.#declare);
    const whole = this.#integer("whole");
    /** Eight elements, as two vectors. */
    const step = (isRest: boolean) =>
      [0, 1].map((half) => {
        const place = (stream: number) => i32.add(this.#address(stream), this.#at);
        const read = (stream: number): Code<"v128"> => {
          const value = v128.load(place(stream), half * VECTOR);
          return this.#loops.streams[stream]!.dtype === "bool" ? f32x4.notEqual(value, zero) : value;
        };
        const mask = isRest ? v128.load(this.#integer("mask"), half * VECTOR) : null;
        return sequence(
          straight.write(read, this.#slots),
          stores.map(({ to, value }) => {
            const made = straight.value(value.index);
            const isBool = this.#loops.streams[to]!.dtype === "bool";
            return v128.store(place(to), isBool ? v128.and(made, f32x4.const(1)) : made, half * VECTOR);
          }),
          fold === null ? [] : folding!.take(straight.value(fold.of.index), half, mask),
        );
      });
    const more = i32.below(this.#at, whole);
    return sequence(
      section,
      folding?.begin() ?? [],
      this.#at.set(i32.const(0)),
      when(more, repeatWhile(more, sequence(step(false), advance(this.#at, STEP)))),
      when(this.#integer("rest"), sequence(step(true))),
      fold === null ? [] : this.#slots[fold.to]!.set(folding!.result()),
    );
  }
}

/** A sum in double precision, in eight lanes that meet in the order of all kernels. */
class Sum {
  readonly #lanes: readonly Local<"v128">[];

  constructor(declare: Declare) {
    this.#lanes = [0, 1, 2, 3].map(() => declare("v128"));
  }

  begin(): Statement {
    return sequence(this.#lanes.map((lane) => lane.set(zero)));
  }

  take(value: Code<"v128">, half: number, mask: Code<"v128"> | null): Statement {
    const given = mask === null ? value : v128.and(value, mask);
    const [low, high] = [this.#lanes[2 * half]!, this.#lanes[2 * half + 1]!];
    return sequence(
      low.set(f64x2.add(low, f64x2.promoteLow(given))),
      high.set(f64x2.add(high, f64x2.promoteLow(v128.shuffle(given, given, [2, 3, 2, 3])))),
    );
  }

  result(): Code<"v128"> {
    const [a, b, c, d] = this.#lanes as [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];
    // Adds lanes 4 apart, then 2 apart, then neighbours, as halving a wide vector does.
    const pairs = f64x2.add(f64x2.add(a, c), f64x2.add(b, d));
    const sum = f64x2.add(pairs, v128.shuffle(pairs, pairs, [2, 3, 0, 1]));
    return splatLow(f64x2.demote(sum));
  }
}

class Max {
  readonly #lanes: readonly Local<"v128">[];

  constructor(declare: Declare) {
    this.#lanes = [declare("v128"), declare("v128")];
  }

  begin(): Statement {
    return sequence(this.#lanes.map((lane) => lane.set(f32x4.const(Number.NEGATIVE_INFINITY))));
  }

  take(value: Code<"v128">, half: number, mask: Code<"v128"> | null): Statement {
    const lane = this.#lanes[half]!;
    return lane.set(f32x4.max(lane, mask === null ? value : v128.select(mask, value, lane)));
  }

  result(): Code<"v128"> {
    const [a, b] = this.#lanes as [Local<"v128">, Local<"v128">];
    const four = f32x4.max(a, b);
    const two = f32x4.max(four, v128.shuffle(four, four, [2, 3, 0, 1]));
    return f32x4.max(two, v128.shuffle(two, two, [1, 0, 3, 2]));
  }
}

const splatLow = (value: Code<"v128">) => v128.shuffle(value, value, [0, 0, 0, 0]);
