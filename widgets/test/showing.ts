import { type Displayable, displaySymbol, type View } from "../src/index.ts";

/** A bundle with the types that the widgets put into it. */
export interface Bundle {
  readonly "text/plain": string;
  readonly "text/html": string;
  readonly "image/svg+xml": string;
  readonly "image/png": Uint8Array;
  readonly "application/vnd.plotly.v1+json": {
    readonly data: readonly Readonly<Record<string, unknown>>[];
    readonly layout: Readonly<Record<string, unknown>>;
    readonly config: Readonly<Record<string, unknown>>;
  };
}

/** What a kernel would get on showing a value. */
export async function shown(value: Displayable, view?: View): Promise<Bundle> {
  return (await value[displaySymbol](view)) as unknown as Bundle;
}

/** A view that counts how often it was told of a change. */
export function countingView(): View & { readonly changes: number } {
  let changes = 0;
  return {
    changed: () => {
      changes += 1;
    },
    get changes() {
      return changes;
    },
  };
}
