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
} from "./assembler.ts";
import { storeTile } from "./store-tile.ts";

/** Where the parameters lie. Those that say how far it is to something are in bytes, and may be negative. */
export const abreastParameters = [
  ...["x", "filters", "out", "tiles", "outRows", "outColumns", "channels", "rows", "columns"],
  ...["xColumn", "xRowSkip", "xChannelSkip", "filterRowSkip", "filterChannelSkip", "filterTile"],
  ...["xNext", "xNextRow", "outNext", "outNextRow", "outFilter", "outTile", "accumulate"],
] as const;

const parameter = (name: (typeof abreastParameters)[number]) => at(rdi, 4 * abreastParameters.indexOf(name));
/** Addresses for which there are no registers, and a count. */
const [xPlace, filtersPlace, outPlace, outTilePlace, tile] = [88, 96, 104, 112, 120].map((byte) => at(rdi, byte)) as [
  ...[Place, Place, Place, Place, Place],
];
/** Words of the parameters, with what else is kept beside them. */
export const abreastWords = 31;

/**
 * Convolution of `lanes` · `vectors` images abreast, whose elements at one place lie side by side: by tiles of `rows`
 * filters, for some rows and columns of outputs, each of which is a sum over as many taps of all channels, in order.
 * Sums are those of the kernel `product`, to the bit, but nothing is multiplied with zeros around images.
 *
 * The arguments are the addresses of the parameters, which it uses up, and of the arrays in which the images, the packed
 * filters and the result lie. At least one of everything that is counted, but for channels, rows and columns of taps: sums
 * over none are zero.
 */
export function abreast(lanes: Lanes, rows: number, vectors: number): Uint8Array<ArrayBuffer> {
  const code = new Assembler(lanes);
  const [x, filters, out, read, tap, column, row, channel] = [rsi, rdx, rcx, r8, r9, r10, r11, rax];
  const [xColumn, xRowSkip, filterRowSkip, outFilter, other, outputs] = [rbx, r12, r13, r14, r15, rbp];
  const each = Array.from({ length: rows }, (_, row) => row);
  const across = Array.from({ length: vectors }, (_, vector) => vector);
  const sum = (row: number, vector: number) => row * vectors + vector;
  const [right, factor] = [rows * vectors, rows * vectors + vectors];
  const [nextTile, nextOutRow, nextOutput, nextChannel, nextRow, nextColumn, ended] = Array.from(
    { length: 7 },
    () => new Label(),
  ) as [Label, Label, Label, Label, Label, Label, Label];
  const kept = [rbx, rbp, r12, r13, r14, r15];
  /** Adds a parameter of the call to a register. */
  const advance = (register: number, name: (typeof abreastParameters)[number]) => {
    code.loadSigned(other, parameter(name));
    code.add(register, other);
  };

  for (const register of kept) code.push(register);
  for (const [array, start] of [
    [x, "x"],
    [filters, "filters"],
    [out, "out"],
  ] as const) {
    code.load(rax, parameter(start));
    code.add(array, rax);
  }
  code.storeLong(xPlace, x);
  code.storeLong(filtersPlace, filters);
  code.storeLong(outPlace, out);
  code.loadSigned(xColumn, parameter("xColumn"));
  code.loadSigned(xRowSkip, parameter("xRowSkip"));
  code.loadSigned(filterRowSkip, parameter("filterRowSkip"));
  code.load(outFilter, parameter("outFilter"));

  // All filters for a row of outputs, since what that reads stays in the second-level cache.
  code.place(nextOutRow);
  code.loadLong(filters, filtersPlace);
  code.loadLong(out, outPlace);
  code.storeLong(outTilePlace, out);
  code.load(other, parameter("tiles"));
  code.store(tile, other);

  code.place(nextTile);
  code.loadLong(x, xPlace);
  code.loadLong(out, outTilePlace);
  code.load(outputs, parameter("outColumns"));

  code.place(nextOutput);
  for (const row of each) for (const vector of across) code.clearVector(sum(row, vector));
  code.copy(read, x);
  code.copy(tap, filters);
  code.load(channel, parameter("channels"));
  code.addConstant(channel, 0);
  code.jumpIfZero(ended);

  code.place(nextChannel);
  code.load(row, parameter("rows"));
  code.place(nextRow);
  code.load(column, parameter("columns"));
  code.place(nextColumn);
  for (const vector of across) code.loadVector(right + vector, at(read, vector * lanes * 4));
  for (const row of each) {
    code.broadcast(factor, at(tap, row * 4));
    for (const vector of across) code.multiplyAdd(sum(row, vector), factor, right + vector);
  }
  code.add(read, xColumn);
  code.addConstant(tap, rows * 4);
  code.decrement(column);
  code.jumpIfNotZero(nextColumn);
  code.add(read, xRowSkip);
  code.add(tap, filterRowSkip);
  code.decrement(row);
  code.jumpIfNotZero(nextRow);
  advance(read, "xChannelSkip");
  advance(tap, "filterChannelSkip");
  code.decrement(channel);
  code.jumpIfNotZero(nextChannel);

  code.place(ended);
  code.load(other, parameter("accumulate"));
  storeTile(code, { rows, vectors, how: other, to: out, row: outFilter, places: [read, tap] });
  advance(x, "xNext");
  advance(out, "outNext");
  code.decrement(outputs);
  code.jumpIfNotZero(nextOutput);

  advance(filters, "filterTile");
  code.load(other, parameter("outTile"));
  code.addLongAt(outTilePlace, other);
  code.decrementAt(tile);
  code.jumpIfNotZero(nextTile);

  code.load(other, parameter("xNextRow"));
  code.addLongAt(xPlace, other);
  code.load(other, parameter("outNextRow"));
  code.addLongAt(outPlace, other);
  code.decrementAt(parameter("outRows"));
  code.jumpIfNotZero(nextOutRow);

  code.endVectors();
  for (const register of kept.toReversed()) code.pop(register);
  code.return();
  return code.finish();
}
