import type { Example } from "./example.ts";

const usual =
  /^(<\/?(s|pad|bos|eos|sos|unk|mask|cls|sep|start|end|go|stop|begin)>|\[(cls|sep|pad|mask|unk|bos|eos|start|end)\]|<\|[^|]*\|>)$/i;

/** Which tokens of an example are special: `<s>`, `[SEP]` and their like, or those that were named. */
export function specialTokens(
  { queries, keys, self, image }: Example,
  special: readonly (string | number)[] | null,
): { readonly queries: readonly boolean[]; readonly keys: readonly boolean[] } {
  const named = new Set(special);
  const isSpecial = (token: string) => (special === null ? usual.test(token) : named.has(token));
  return {
    queries: queries.map((token, index) => isSpecial(token) || (self && named.has(index))),
    // Patches have names of ours.
    keys: keys.map((token, index) => (image === null && isSpecial(token)) || named.has(index)),
  };
}

/** A token as it can be seen: a blank and a line's end have signs of their own. */
export function visible(token: string): string {
  if (token === "") return "∅";
  const written = token.replaceAll("\n", "⏎").replaceAll("\t", "⇥");
  return /^ +$/.test(written) ? written.replaceAll(" ", "␣") : written;
}
