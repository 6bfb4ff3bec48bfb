import { valuesOf } from "../../../buffer.ts";
import type { Problem } from "../problem.ts";
import { room } from "./room.ts";

/**
 * The filters for tiles of so many rows, group after group: block of the depth after block, in each tile after tile, and
 * zeros after the last.
 */
export function packFilters(
  { filters: view, groups, filtersPerGroup: filters, channels, rows, columns }: Problem,
  tileRows: number,
  block: number,
): Float32Array {
  const values = valuesOf(view.buffer) as Float32Array;
  const [byFilter, byChannel, byRow, byColumn] = view.strides as [number, number, number, number];
  const depth = channels * rows.taps * columns.taps;
  const reads = new Int32Array(depth);
  let k = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < rows.taps; row++)
      for (let column = 0; column < columns.taps; column++)
        reads[k++] = view.offset + channel * byChannel + row * byRow + column * byColumn;
  const height = Math.ceil(filters / tileRows) * tileRows;
  const packed = room("filters", groups * height * depth).subarray(0, groups * height * depth);
  let to = 0;
  for (let group = 0; group < groups; group++)
    for (let first = 0; first < depth; first += block) {
      const end = Math.min(depth, first + block);
      const deep = end - first;
      for (let tile = 0; tile < height; tile += tileRows, to += tileRows * deep) {
        const some = Math.min(tileRows, filters - tile);
        if (some < tileRows) packed.fill(0, to, to + tileRows * deep);
        for (let row = 0; row < some; row++) {
          const start = (group * filters + tile + row) * byFilter;
          for (let k = 0; k < deep; k++) packed[to + k * tileRows + row] = values[start + reads[first + k]!]!;
        }
      }
    }
  return packed;
}
