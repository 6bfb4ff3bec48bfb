import {
  Assembler,
  at,
  Label,
  type Lanes,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  sumAt,
} from "./assembler.ts";
import { storeTile } from "./store-tile.ts";

/** Where the parameters lie, in the order in which a call gives them. */
export const productParameters = [
  "a",
  "b",
  "bStride",
  "offsets",
  "out",
  "outStride",
  "aPanels",
  "bPanels",
  "depth",
  "accumulate",
] as const;

const parameter = (name: (typeof productParameters)[number]) => at(rdi, 4 * productParameters.indexOf(name));

/**
 * As the WebAssembly kernel `product`, to the bit, by tiles of `rows` × `lanes` · `vectors`.
 *
 * The arguments are the addresses of the parameters, which it uses up, and of the arrays in which `a`, `b`, the offsets and
 * the result lie, which may be one. At least one panel of each kind.
 */
export function product(lanes: Lanes, rows: number, vectors: number): Uint8Array<ArrayBuffer> {
  const code = new Assembler(lanes);
  const [aArray, b, offsets, out] = [rsi, rdx, rcx, r8];
  const [a, entry, to, stride, end, offset, panels] = [r9, r10, r11, r12, r13, rax, rbx];
  const sum = (row: number, vector: number) => row * vectors + vector;
  const [right, factor] = [rows * vectors, rows * vectors + vectors];
  const each = Array.from({ length: rows }, (_, row) => row);
  const across = Array.from({ length: vectors }, (_, vector) => vector);
  const [nextColumns, nextRows, nextDepth, ended] = Array.from({ length: 4 }, () => new Label()) as [
    ...[Label, Label],
    ...[Label, Label],
  ];

  for (const register of [rbx, r12, r13]) code.push(register);
  for (const [array, start] of [
    [aArray, "a"],
    [b, "b"],
    [offsets, "offsets"],
    [out, "out"],
  ] as const) {
    code.load(rax, parameter(start));
    code.add(array, rax);
  }
  code.load(stride, parameter("outStride"));

  code.place(nextColumns);
  code.copy(a, aArray);
  code.copy(to, out);
  code.load(panels, parameter("aPanels"));

  code.place(nextRows);
  for (const row of each) for (const vector of across) code.clearVector(sum(row, vector));
  code.copy(entry, offsets);
  // Four bytes for each of the depth.
  code.load(end, parameter("depth"));
  code.add(end, end);
  code.add(end, end);
  code.add(end, entry);
  code.compare(entry, end);
  code.jumpIfNotBelow(ended);

  code.place(nextDepth);
  code.load(offset, at(entry));
  for (const vector of across) code.loadVector(right + vector, sumAt(b, offset, vector * lanes * 4));
  for (const row of each) {
    code.broadcast(factor, at(a, row * 4));
    for (const vector of across) code.multiplyAdd(sum(row, vector), factor, right + vector);
  }
  code.addConstant(a, rows * 4);
  code.addConstant(entry, 4);
  code.compare(entry, end);
  code.jumpIfBelow(nextDepth);

  code.place(ended);
  code.load(offset, parameter("accumulate"));
  storeTile(code, { rows, vectors, how: offset, to, row: stride, places: [end, entry] });
  code.copy(to, entry);
  code.decrement(panels);
  code.jumpIfNotZero(nextRows);

  code.load(offset, parameter("bStride"));
  code.add(b, offset);
  code.addConstant(out, vectors * lanes * 4);
  code.decrementAt(parameter("bPanels"));
  code.jumpIfNotZero(nextColumns);

  code.endVectors();
  for (const register of [r13, r12, rbx]) code.pop(register);
  code.return();
  return code.finish();
}
