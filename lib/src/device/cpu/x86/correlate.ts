import {
  Assembler,
  at,
  Label,
  type Lanes,
  type Place,
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

/** Where the parameters lie, in the order in which a call gives them, and a place for what is counted. */
export const correlateParameters = [
  ...["x", "offsets", "rowSkip", "imageSkip", "g", "gPanel", "gImageSkip", "out", "outStride"],
  ...["tiles", "panels", "images", "rows", "columns"],
];
const names = [...correlateParameters, "tile", "fresh"];
/** Among the words of the parameters, whether sums begin anew: what is in the result then counts for zeros. */
export const FRESH = names.indexOf("fresh");
const parameter = (name: string) => at(rdi, 4 * names.indexOf(name));
/** Addresses for which there are no registers. */
const [gPlace, offsetsPlace, outPlace] = [at(rdi, 64), at(rdi, 72), at(rdi, 80)];
/** Words of the parameters, with what is counted and addresses. */
export const correlateWords = 22;

/** Lines of a tile, at most: each has a register for the place that it reads. */
const sources = [r8, r9, r10, r11, r12, r13];
export const MOST_LINES = sources.length;

/**
 * As the WebAssembly kernel `correlate`, to the bit, by tiles of `lines` × `lanes` · `vectors`.
 *
 * The arguments are the addresses of the parameters, which it uses up, and of the arrays in which the images, `g`, the
 * offsets and the result lie, which may be one. At least one of everything that is counted; with `columns`, exactly so many
 * of these, which then need no loop. Only with `anew` does a call say whether sums begin anew.
 */
export function correlate(
  lanes: Lanes,
  lines: number,
  vectors: number,
  columns?: number,
  anew = false,
): Uint8Array<ArrayBuffer> {
  const code = new Assembler(lanes);
  const [x, step, g, column, row, image, to, other] = [rsi, rax, rcx, rdx, rbx, rbp, r14, r15];
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
  /** Adds a parameter of the call to a register. */
  const advance = (register: number, name: string) => {
    code.load(other, parameter(name));
    code.add(register, other);
  };

  for (const register of kept) code.push(register);
  for (const [array, start, place] of [
    [rsi, "x", undefined],
    [rdx, "g", gPlace],
    [rcx, "offsets", offsetsPlace],
    [r8, "out", outPlace],
  ] as const) {
    code.load(rax, parameter(start));
    code.add(array, rax);
    if (place !== undefined) code.storeLong(place, array);
  }

  code.place(nextPanel);
  code.loadLong(to, outPlace);
  code.load(other, parameter("tiles"));
  code.store(parameter("tile"), other);
  // From the first tile's offsets to those of the tile at hand.
  code.set(step, 0);
  code.push(step);

  code.place(nextTile);
  code.loadLong(step, at(4));
  code.loadLong(other, offsetsPlace);
  read.forEach((source, line) => {
    code.load(source, sumAt(other, step, line * 4));
    code.add(source, x);
  });
  // What the sums are added to is to be there when they are ready.
  code.copy(step, to);
  code.load(other, parameter("outStride"));
  for (const line of read.keys()) {
    code.prefetch(at(step));
    if (vectors * lanes > 16) code.prefetch(at(step, 64));
    if (line < lines - 1) code.add(step, other);
  }
  for (const line of read.keys()) for (const vector of across) code.clearVector(sum(line, vector));
  code.loadLong(g, gPlace);
  code.load(image, parameter("images"));
  // All lines read as far from where they begin.
  code.set(step, 0);

  code.place(nextImage);
  code.load(row, parameter("rows"));
  code.place(nextRow);
  if (columns === undefined) {
    code.load(column, parameter("columns"));
    code.place(nextColumn);
  }
  for (let i = 0; i < (columns ?? 1); i++) {
    for (const vector of across) code.loadVector(right + vector, at(g, (i * vectors + vector) * lanes * 4));
    read.forEach((source, line) => {
      code.broadcast(factor, sumAt(source, step, i * 4));
      for (const vector of across) code.multiplyAdd(sum(line, vector), factor, right + vector);
    });
  }
  code.addConstant(g, (columns ?? 1) * vectors * lanes * 4);
  code.addConstant(step, (columns ?? 1) * 4);
  if (columns === undefined) {
    code.decrement(column);
    code.jumpIfNotZero(nextColumn);
  }
  advance(step, "rowSkip");
  code.decrement(row);
  code.jumpIfNotZero(nextRow);
  advance(step, "imageSkip");
  advance(g, "gImageSkip");
  code.decrement(image);
  code.jumpIfNotZero(nextImage);

  const [fresh, stored] = [new Label(), new Label()];
  if (anew) {
    code.load(other, parameter("fresh"));
    code.addConstant(other, 0);
    code.jumpIfNotZero(fresh);
  }
  addUp((place) => place);
  if (anew) {
    code.compare(to, to);
    code.jumpIfZero(stored);
    code.place(fresh);
    // To the bit what zeros in memory would give.
    code.clearVector(factor);
    addUp(() => factor);
    code.place(stored);
  }
  code.addConstantAt(at(4), lines * 4);
  code.decrementAt(parameter("tile"));
  code.jumpIfNotZero(nextTile);
  code.pop(step);

  code.load(other, parameter("gPanel"));
  code.addLongAt(gPlace, other);
  code.set(rax, vectors * lanes * 4);
  code.addLongAt(outPlace, rax);
  code.decrementAt(parameter("panels"));
  code.jumpIfNotZero(nextPanel);

  code.endVectors();
  for (const register of kept.toReversed()) code.pop(register);
  code.return();
  return code.finish();

  /** Adds a tile's sums to something and stores them. */
  function addUp(something: (place: Place) => Place | number): void {
    code.load(other, parameter("outStride"));
    for (const line of read.keys()) {
      for (const vector of across) {
        const place = at(to, vector * lanes * 4);
        code.addVector(sum(line, vector), sum(line, vector), something(place));
        code.storeVector(place, sum(line, vector));
      }
      code.add(to, other);
    }
  }
}
