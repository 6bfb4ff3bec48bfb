import { Scratch } from "../../../../src/device/cpu/jit/scratch.ts";

/** Bytes of the kernels' memory that are left free behind each region. */
const SLACK = 256;
const WORD = 0xa5a5a5a5 | 0;

let gaps: { readonly scratch: Scratch; readonly from: number }[] = [];
let whole = true;

/** Has what lies between the regions of the kernels' memory filled with a pattern, and looked at again later. */
export function guardScratch(): void {
  const { claim, rewind } = Scratch.prototype;
  Scratch.prototype.claim = function (this: Scratch, bytes: number) {
    const address = claim.call(this, bytes);
    const from = this.mark - SLACK;
    if (Number.isInteger(from) && from >= 0) {
      this.integers.fill(WORD, from / 4, this.mark / 4);
      gaps.push({ scratch: this, from });
    }
    return address;
  };
  Scratch.prototype.rewind = function (this: Scratch, mark: number) {
    look(({ scratch, from }) => scratch === this && from + SLACK > mark);
    rewind.call(this, mark);
  };
}

function look(ended: (gap: (typeof gaps)[number]) => boolean): void {
  gaps = gaps.filter((gap) => {
    if (!ended(gap)) return true;
    const words = gap.scratch.integers.subarray(gap.from / 4, (gap.from + SLACK) / 4);
    whole &&= words.every((word) => word === WORD);
    return false;
  });
}

/** Whether nothing was written between the regions since the last time. */
export function isScratchWhole(): boolean {
  look(() => true);
  const was = whole;
  whole = true;
  return was;
}
