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
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  sumAt,
} from "./assembler.ts";

/** Where the parameters lie, in the order in which a call gives them, and two places for what is counted. */
export const correlateParameters = [
  ...["x", "offsets", "rowSkip", "imageSkip", "g", "gPanel", "gImageSkip", "out", "outStride"],
  ...["tiles", "panels", "images", "rows", "columns"],
];
const names = [...correlateParameters, "tile", "entry"];
const parameter = (name: string) => at(rdi, 4 * names.indexOf(name));

/** Lines of a tile, at most: each has a register for the place that it reads. */
const sources = [r8, r9, r10, r11, r12, r13];
export const MOST_LINES = sources.length;

/**
 * As the WebAssembly kernel `correlate`, to the bit, by tiles of `lines` × `lanes` · `vectors`.
 *
 * The first argument is the address of the parameters, which it uses up, the second that of the memory. At least one
 * of everything that is counted.
 */
export function correlate(lanes: Lanes, lines: number, vectors: number): Uint8Array<ArrayBuffer> {
  const code = new Assembler(lanes);
  const [memory, step, g, width, row, image, to, other] = [rsi, rax, rcx, rdx, rbx, rbp, r14, r15];
  const read = sources.slice(0, lines);
  const sum = (line: number, vector: number) => line * vectors + vector;
  const [right, factor] = [lines * vectors, lines * vectors + vectors];
  const across = Array.from({ length: vectors }, (_, vector) => vector);
  const [nextPanel, nextTile, nextImage, nextRow, nextColumn] = [
    new Label(),
    new Label(),
    new Label(),
    new Label(),
    new Label(),
  ];
  const kept = [rbx, rbp, r12, r13, r14, r15];
  /** Adds a parameter of the call to registers. */
  const advance = (registers: readonly number[], name: string) => {
    code.load(other, parameter(name));
    for (const register of registers) code.add(register, other);
  };

  for (const register of kept) code.push(register);
  code.load(width, parameter("columns"));
  code.add(width, width);
  code.add(width, width);

  code.place(nextPanel);
  code.load(to, parameter("out"));
  code.add(to, memory);
  for (const [from, counter] of [
    ["tiles", "tile"],
    ["offsets", "entry"],
  ] as const) {
    code.load(other, parameter(from));
    code.store(parameter(counter), other);
  }

  code.place(nextTile);
  code.load(step, parameter("entry"));
  code.load(other, parameter("x"));
  code.add(other, memory);
  read.forEach((source, line) => {
    code.load(source, sumAt(memory, step, line * 4));
    code.add(source, other);
  });
  for (const line of read.keys()) for (const vector of across) code.clearVector(sum(line, vector));
  code.load(g, parameter("g"));
  code.add(g, memory);
  code.load(image, parameter("images"));

  code.place(nextImage);
  code.load(row, parameter("rows"));
  code.place(nextRow);
  code.set(step, 0);
  code.place(nextColumn);
  for (const vector of across) code.loadVector(right + vector, at(g, vector * lanes * 4));
  read.forEach((source, line) => {
    code.broadcast(factor, sumAt(source, step));
    for (const vector of across) code.multiplyAdd(sum(line, vector), factor, right + vector);
  });
  code.addConstant(g, vectors * lanes * 4);
  code.addConstant(step, 4);
  code.compare(step, width);
  code.jumpIfBelow(nextColumn);
  for (const source of read) code.add(source, width);
  advance(read, "rowSkip");
  code.decrement(row);
  code.jumpIfNotZero(nextRow);
  advance(read, "imageSkip");
  advance([g], "gImageSkip");
  code.decrement(image);
  code.jumpIfNotZero(nextImage);

  code.load(other, parameter("outStride"));
  for (const line of read.keys()) {
    for (const vector of across) {
      const place = at(to, vector * lanes * 4);
      code.addVector(sum(line, vector), sum(line, vector), place);
      code.storeVector(place, sum(line, vector));
    }
    code.add(to, other);
  }
  code.addConstantAt(parameter("entry"), lines * 4);
  code.decrementAt(parameter("tile"));
  code.jumpIfNotZero(nextTile);

  code.load(other, parameter("gPanel"));
  code.addAt(parameter("g"), other);
  code.addConstantAt(parameter("out"), vectors * lanes * 4);
  code.decrementAt(parameter("panels"));
  code.jumpIfNotZero(nextPanel);

  code.endVectors();
  for (const register of kept.toReversed()) code.pop(register);
  code.return();
  return code.finish();
}
