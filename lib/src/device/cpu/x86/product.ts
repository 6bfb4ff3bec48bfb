import {
  Assembler,
  at,
  Label,
  type Lanes,
  r8,
  r9,
  r10,
  r11,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  sumAt,
} from "./assembler.ts";

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
 * The first argument is the address of the parameters, which it uses up, the second that of the memory. At least one
 * panel of each kind.
 */
export function product(lanes: Lanes, rows: number, vectors: number): Uint8Array<ArrayBuffer> {
  const code = new Assembler(lanes);
  const [memory, b, a, entry, to, stride, end, offset, panels] = [rsi, r8, r9, r10, r11, rcx, rdx, rax, rbx];
  const sum = (row: number, vector: number) => row * vectors + vector;
  const [right, factor] = [rows * vectors, rows * vectors + vectors];
  const each = Array.from({ length: rows }, (_, row) => row);
  const across = Array.from({ length: vectors }, (_, vector) => vector);
  const absolute = (register: number, name: (typeof productParameters)[number]) => {
    code.load(register, parameter(name));
    code.add(register, memory);
  };
  const [nextColumns, nextRows, nextDepth, ended, store] = Array.from({ length: 5 }, () => new Label()) as [
    Label,
    Label,
    Label,
    Label,
    Label,
  ];

  code.push(panels);
  absolute(b, "b");
  code.load(stride, parameter("outStride"));

  code.place(nextColumns);
  absolute(a, "a");
  absolute(to, "out");
  code.load(panels, parameter("aPanels"));

  code.place(nextRows);
  for (const row of each) for (const vector of across) code.clearVector(sum(row, vector));
  absolute(entry, "offsets");
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
  code.copy(end, to);
  code.addConstant(offset, 0);
  code.jumpIfZero(store);
  for (const row of each) {
    for (const vector of across) code.addVector(sum(row, vector), sum(row, vector), at(end, vector * lanes * 4));
    code.add(end, stride);
  }
  code.place(store);
  for (const row of each) {
    for (const vector of across) code.storeVector(at(to, vector * lanes * 4), sum(row, vector));
    code.add(to, stride);
  }
  code.decrement(panels);
  code.jumpIfNotZero(nextRows);

  code.load(offset, parameter("bStride"));
  code.add(b, offset);
  code.addConstantAt(parameter("out"), vectors * lanes * 4);
  code.decrementAt(parameter("bPanels"));
  code.jumpIfNotZero(nextColumns);

  code.endVectors();
  code.pop(panels);
  code.return();
  return code.finish();
}
