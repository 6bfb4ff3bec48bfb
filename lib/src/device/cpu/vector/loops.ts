import type { DType, Expression, RowFold, RowProgram } from "../../device.ts";
import { expOfNegative } from "./approximations.ts";
import { type Value, VectorCode } from "./code.ts";
import { type Described, describe, type Reach, visitAll } from "./describe.ts";
import { costly, writerOf } from "./scalars.ts";

/** What is read or written, as floats, or as truth values of one byte. */
export interface Stream {
  readonly dtype: "float32" | "bool";
  readonly reach: "row" | "element";
}

/** Something that a piece of code makes, and where it goes: a stream, or a slot for a value that a row has in common. */
export interface Result {
  readonly to: number;
  readonly value: Value;
}

/** What is done once for a row. */
export interface Section {
  readonly code: VectorCode;
  readonly keeps: Result[];
  readonly stores: Result[];
}

/** A way through the elements of a row, after a section. */
export interface Pass {
  readonly before: Section;
  readonly code: VectorCode;
  readonly stores: Result[];
  /** What is added up, in double precision, or looked through for an extreme; the result goes to a slot. */
  readonly fold: { readonly by: RowFold; readonly of: Value; readonly to: number } | null;
}

/** A row program as loops over vectors, for whatever machine. */
export interface Loops {
  /** What a compiled kernel depends on. */
  readonly key: string;
  /** Inputs, then results for every element, then results for every row. */
  readonly streams: readonly Stream[];
  /** How many of the streams are inputs, and which inputs of the program they are. */
  readonly inputs: readonly number[];
  /** What the first slots hold, which is the same for all rows: numbers, and inputs by their place. */
  readonly numbers: Described["numbers"];
  readonly slots: number;
  readonly passes: readonly Pass[];
}

const isOurs = (dtype: DType): dtype is Stream["dtype"] => dtype === "float32" || dtype === "bool";

/** Whether a node is the result of a fold. */
const isFolded = (node: Expression, { length }: readonly Reach[]): node is Expression & { kind: "input" } =>
  node.kind === "input" && node.index >= length;

/** Whether everything in a program is something that vectors do. `reaches` are those of the views. */
export function writable(program: RowProgram, reaches: readonly Reach[]): boolean {
  const isPosition = (node: Expression) =>
    isFolded(node, reaches) && program.folds[node.index - reaches.length]!.by.startsWith("arg");
  let can = program.elements.every(({ dtype }) => isOurs(dtype));
  can &&= program.rows.every((node) => node.dtype === (isPosition(node) ? "int32" : "float32"));
  visitAll(program, (node) => {
    if (isPosition(node)) {
      // As a result of its own it has been seen above; nothing computes with it.
      if (node.dtype !== "int32") can = false;
    } else if (!isOurs(node.dtype)) can = false;
    else if (node.kind === "input") {
      if (node.dtype === "bool" && reaches[node.index] === "row") can = false;
    } else if (
      node.kind === "apply" &&
      !writerOf(
        node.scalar,
        node.to.map((part) => part.dtype),
        node.dtype,
      )
    )
      can = false;
  });
  return can && program.folds.every(({ of }) => of.dtype === "float32");
}

/** Lowers a {@link writable} program. */
export function loopsOf(program: RowProgram, reaches: readonly Reach[]): Loops {
  return new Lowering(program, reaches).loops;
}

class Lowering {
  readonly loops: Loops;
  readonly #program: RowProgram;
  readonly #reaches: readonly Reach[];
  readonly #described: Described;
  readonly #inputs: number[] = [];
  readonly #streams: Stream[] = [];
  readonly #slots = new Map<Expression | string, number>();
  readonly #levels = new Map<Expression, Reach>();
  /** Nodes whose values a later pass reads where an earlier one has put them. */
  readonly #kept = new Map<Expression, number>();
  #slotCount = 0;
  #section: Section = { code: new VectorCode(), keeps: [], stores: [] };
  #sectionValues = new Map<Expression, Value>();

  constructor(program: RowProgram, reaches: readonly Reach[]) {
    this.#program = program;
    this.#reaches = reaches;
    this.#described = describe(program, reaches);
    const used = new Map<number, Stream["dtype"]>();
    visitAll(program, (node) => {
      if (node.kind === "constant") this.#slots.set(node, this.#slotCount++);
      else if (node.kind === "input" && reaches[node.index] === "call") this.#slots.set(node, this.#slotCount++);
      else if (node.kind === "input" && node.index < reaches.length)
        used.set(node.index, node.dtype as Stream["dtype"]);
    });
    for (const [index, dtype] of [...used].sort(([a], [b]) => a - b)) {
      this.#inputs.push(index);
      this.#streams.push({ dtype, reach: reaches[index] as Stream["reach"] });
    }
    const firstElements = this.#streams.length;
    for (const { dtype } of program.elements) this.#streams.push({ dtype: dtype as Stream["dtype"], reach: "element" });
    const firstRows = this.#streams.length;
    for (const { dtype } of program.rows) this.#streams.push({ dtype: dtype as Stream["dtype"], reach: "row" });

    const passes = program.folds.map((fold, i) => this.#foldPass(fold, i, firstElements));
    passes.push(this.#lastPass(firstElements, firstRows));
    this.loops = {
      key: this.#described.key,
      streams: this.#streams,
      inputs: this.#inputs,
      numbers: this.#described.numbers,
      slots: this.#slotCount,
      passes,
    };
  }

  #foldPass({ by, of }: RowProgram["folds"][number], number: number, scratch: number): Pass {
    const code = new VectorCode();
    const values = new Map<Expression, Value>();
    const value = this.#element(of, code, values);
    const stores: Result[] = [];
    if (this.#isWorthKeeping(of, number)) {
      stores.push({ to: scratch, value });
      this.#kept.set(of, scratch);
    }
    const pass = { before: this.#section, code, stores, fold: { by, of: value, to: this.#slotCount } };
    this.#slots.set(`fold ${number}`, this.#slotCount++);
    this.#nextSection();
    return pass;
  }

  #lastPass(firstElements: number, firstRows: number): Pass {
    const code = new VectorCode();
    const values = new Map<Expression, Value>();
    const stores = this.#program.elements.map((node, i) => ({
      to: firstElements + i,
      value: this.#element(node, code, values),
    }));
    for (const [i, node] of this.#program.rows.entries())
      this.#section.stores.push({ to: firstRows + i, value: this.#common(node) });
    return { before: this.#section, code, stores, fold: null };
  }

  /** What costs much and is asked for again later stays where the first result will be. */
  #isWorthKeeping(of: Expression, number: number): boolean {
    const { folds, elements } = this.#program;
    // With another result, that of the kept value would come too late.
    if (of.kind !== "apply" || elements.length !== 1 || this.#kept.size > 0) return false;
    if (elements[0]!.dtype !== "float32") return false;
    if (this.#level(of) !== "element" || !contains(of, (node) => node.kind === "apply" && costly.has(node.scalar)))
      return false;
    const later = [...folds.slice(number + 1).map((fold) => fold.of), ...elements];
    return later.some((root) => contains(root, (node) => node === of));
  }

  #nextSection(): void {
    this.#section = { code: new VectorCode(), keeps: [], stores: [] };
    this.#sectionValues = new Map();
  }

  #level(node: Expression): Reach {
    const known = this.#levels.get(node);
    if (known !== undefined) return known;
    let level: Reach = "call";
    if (node.kind === "input") level = node.index < this.#reaches.length ? this.#reaches[node.index]! : "row";
    else if (node.kind === "apply") {
      const parts = node.to.map((part) => this.#level(part));
      level = parts.includes("element") ? "element" : "row";
    }
    this.#levels.set(node, level);
    return level;
  }

  /** A value in the code of a pass. */
  #element(node: Expression, code: VectorCode, values: Map<Expression, Value>): Value {
    const known = values.get(node);
    if (known !== undefined) return known;
    const kept = this.#kept.get(node);
    let value: Value;
    if (kept !== undefined) value = code.stream(kept);
    else if (this.#level(node) !== "element") value = this.#fromSlot(node, code, this.#slotOf(node));
    else if (node.kind === "input") value = code.stream(this.#inputs.indexOf(node.index));
    else value = this.#apply(node, code, (part) => this.#element(part, code, values));
    values.set(node, value);
    return value;
  }

  /** The slot of a value that a row has in common; the section before the pass computes it, if none has. */
  #slotOf(node: Expression): number {
    if (node.kind === "input" && node.index >= this.#reaches.length)
      return this.#slots.get(`fold ${node.index - this.#reaches.length}`)!;
    const known = this.#slots.get(node);
    if (known !== undefined) return known;
    const value = this.#common(node);
    const slot = this.#slotCount++;
    this.#section.keeps.push({ to: slot, value });
    this.#slots.set(node, slot);
    return slot;
  }

  /** A value in the code of the section. */
  #common(node: Expression): Value {
    const { code } = this.#section;
    const known = this.#sectionValues.get(node);
    if (known !== undefined) return known;
    let value: Value;
    const isFold = node.kind === "input" && node.index >= this.#reaches.length;
    if (isFold || this.#slots.has(node)) value = this.#fromSlot(node, code, this.#slotOf(node));
    else if (node.kind === "input") value = code.stream(this.#inputs.indexOf(node.index));
    else value = this.#apply(node, code, (part) => this.#common(part));
    this.#sectionValues.set(node, value);
    return value;
  }

  /** A slot's value; what a call supplies is always a float. */
  #fromSlot(node: Expression, code: VectorCode, slot: number): Value {
    const value = code.common(slot);
    return node.dtype === "bool" && node.kind !== "apply" ? code.binary("notEqual", value, 0) : value;
  }

  #apply(node: Expression, code: VectorCode, visit: (part: Expression) => Value): Value {
    if (node.kind !== "apply") throw new Error("vector: an input or constant has no code.");
    const dtypes = node.to.map((part) => part.dtype);
    const [a, b, c] = node.to.map(visit);
    if (node.scalar === "exp" && this.#isNotPositive(node.to[0]!)) return expOfNegative(code, a!);
    return writerOf(node.scalar, dtypes, node.dtype)!(code, a!, b!, c!);
  }

  /** Whether a value is known to be nothing above 0: what a row's largest has been taken from. */
  #isNotPositive(node: Expression): boolean {
    if (node.kind !== "apply" || node.scalar !== "sub") return false;
    const [value, taken] = node.to as [Expression, Expression];
    if (!isFolded(taken, this.#reaches)) return false;
    const fold = this.#program.folds[taken.index - this.#reaches.length]!;
    return fold.by === "max" && fold.of === value;
  }
}

function contains(root: Expression, is: (node: Expression) => boolean): boolean {
  const seen = new Set<Expression>();
  const visit = (node: Expression): boolean => {
    if (seen.has(node)) return false;
    seen.add(node);
    return is(node) || (node.kind === "apply" && node.to.some(visit));
  };
  return visit(root);
}
