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
} from "../assembler.ts";

/**
 * What the first argument holds, as 32-bit words, all in bytes but for the counts: where the factors and the result
 * begin in their arrays; from a row of `a` to the next, and from one of its columns; from a panel of `b` to the next, and
 * from one of its rows; from a row of the result to the next; how many tiles of rows and panels; the depth; whether the
 * result is added to what there is.
 */
export const blockParameters = [
  ...(["aStart", "bStart", "outStart", "aRow", "aDepth", "bPanel", "bDepth", "outRow"] as const),
  ...(["tiles", "panels", "depth", "accumulate"] as const),
] as const;

/** Writes the parameters of a call: where its factors and its result begin, how one steps through them, and how much it does. */
export function writeProduct(
  words: Int32Array,
  at: number,
  [aStart, bStart, outStart]: readonly [a: number, b: number, out: number],
  a: { readonly row: number; readonly depth: number },
  b: { readonly panel: number; readonly depth: number },
  out: { readonly row: number },
  { tiles, panels, depth, accumulate }: ProductSize,
): void {
  words[at] = aStart * 4;
  words[at + 1] = bStart * 4;
  words[at + 2] = outStart * 4;
  words[at + 3] = a.row * 4;
  words[at + 4] = a.depth * 4;
  words[at + 5] = b.panel * 4;
  words[at + 6] = b.depth * 4;
  words[at + 7] = out.row * 4;
  words[at + 8] = tiles;
  words[at + 9] = panels;
  words[at + 10] = depth;
  words[at + 11] = Number(accumulate);
}

/** Tiles, panels and depth of a product, and whether it is added to what is there. */
export interface ProductSize {
  readonly tiles: number;
  readonly panels: number;
  readonly depth: number;
  readonly accumulate: boolean;
}

/** Most rows of a tile: three pointers, and six rows from each. */
export const MOST_ROWS = 18;
/** Bytes of a line of the cache. */
const LINE = 64;

const parameter = (name: (typeof blockParameters)[number]) => at(rdi, 4 * blockParameters.indexOf(name));

/**
 * `out = a × b`, or `out += a × b`, by tiles of `rows` × `lanes` · `vectors`, on the arrays themselves: `a` as it lies, `b`
 * in panels as wide as a tile. Each sum is taken over the depth in order, as all kernels do.
 *
 * The arguments are the addresses of the parameters and of the arrays of `a`, `b` and `out`. At least one of each count.
 */
export function blockProduct(lanes: Lanes, rows: number, vectors: number): Uint8Array<ArrayBuffer> {
  const code = new Assembler(lanes);
  const saved = [rbx, rbp, r12, r13, r14, r15];
  // The arrays' addresses stay where they are passed; tiles begin at `a` and `to`, panels at `b`.
  const [aArray, b, out] = [rsi, rdx, rcx];
  const [aRow, aRow3, aRow5, aDepth, bDepth, outRow] = [r8, r9, r10, rbx, rbp, r12];
  const bases = [r11, r15, r14].slice(0, Math.ceil(rows / 6));
  const [count, to] = [rax, r13];
  const sum = (row: number, vector: number) => row * vectors + vector;
  const [right, factor] = [rows * vectors, rows * vectors + vectors];
  const each = Array.from({ length: rows }, (_, row) => row);
  const across = Array.from({ length: vectors }, (_, vector) => vector);
  const [nextPanel, nextTile, nextDepth, store] = [new Label(), new Label(), new Label(), new Label()];
  /** The entry of a row in the column that the bases point to. */
  const entry = (row: number): Place => {
    const base = bases[Math.floor(row / 6)]!;
    const within: readonly Place[] = [
      at(base),
      { base, index: aRow },
      { base, index: aRow, scale: 2 },
      { base, index: aRow3 },
      { base, index: aRow, scale: 4 },
      { base, index: aRow5 },
    ];
    return within[row % 6]!;
  };

  for (const register of saved) code.push(register);
  for (const [array, start] of [
    [aArray, "aStart"],
    [b, "bStart"],
    [out, "outStart"],
  ] as const) {
    code.loadSigned(rax, parameter(start));
    code.add(array, rax);
  }
  code.loadSigned(aRow, parameter("aRow"));
  code.address(aRow3, { base: aRow, index: aRow, scale: 2 });
  code.address(aRow5, { base: aRow, index: aRow, scale: 4 });
  code.loadSigned(aDepth, parameter("aDepth"));
  code.loadSigned(bDepth, parameter("bDepth"));
  code.loadSigned(outRow, parameter("outRow"));

  code.place(nextPanel);
  code.copy(to, out);
  // On the stack: where the tile's rows begin, and above it how many tiles are left.
  code.push(aArray);
  code.load(count, parameter("tiles"));
  code.push(count);

  code.place(nextTile);
  code.loadLong(bases[0]!, at(4, 8));
  for (const [i, base] of bases.slice(1).entries()) {
    code.address(base, { base: bases[i]!, index: aRow3, scale: 2 });
  }
  code.push(b);
  // What the sums go to, which comes from far away, is to be there when they are ready.
  code.copy(count, to);
  for (const row of each) {
    for (let byte = 0; byte < vectors * lanes * 4; byte += LINE) code.prefetch(at(count, byte));
    code.prefetch(at(count, vectors * lanes * 4 - 4));
    if (row < rows - 1) code.add(count, outRow);
  }
  for (const row of each) for (const vector of across) code.clearVector(sum(row, vector));
  code.load(count, parameter("depth"));
  code.place(nextDepth);
  for (const vector of across) code.loadVector(right + vector, at(b, vector * lanes * 4));
  for (const row of each) {
    code.broadcast(factor, entry(row));
    for (const vector of across) code.multiplyAdd(sum(row, vector), factor, right + vector);
  }
  code.add(b, bDepth);
  for (const base of bases) code.add(base, aDepth);
  code.decrement(count);
  code.jumpIfNotZero(nextDepth);
  code.pop(b);

  code.load(count, parameter("accumulate"));
  code.addConstant(count, 0);
  code.jumpIfZero(store);
  code.copy(count, to);
  for (const row of each) {
    for (const vector of across) code.addVector(sum(row, vector), sum(row, vector), at(count, vector * lanes * 4));
    code.add(count, outRow);
  }
  code.place(store);
  for (const row of each) {
    for (const vector of across) code.storeVector(at(to, vector * lanes * 4), sum(row, vector));
    code.add(to, outRow);
  }
  // The next tile's rows lie below these.
  code.loadLong(count, at(4, 8));
  for (const _ of each) code.add(count, aRow);
  code.storeLong(at(4, 8), count);
  code.decrementAt(at(4, 0));
  code.jumpIfNotZero(nextTile);

  code.pop(count);
  code.pop(count);
  code.loadSigned(count, parameter("bPanel"));
  code.add(b, count);
  code.addConstant(out, vectors * lanes * 4);
  code.decrementAt(parameter("panels"));
  code.jumpIfNotZero(nextPanel);

  code.endVectors();
  for (const register of saved.toReversed()) code.pop(register);
  code.return();
  return code.finish();
}
