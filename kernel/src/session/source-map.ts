import remapping from "@jridgewell/remapping";

// tslab puts `export {};` on a line of its own before the cell.
const prefixLines = 1;

/** The map, as JSON, that leads through two others in turn; lines that tslab put before the cell are left out. */
export function composedMap(second: string, first: string, isCell: boolean): string {
  if (second === "" || first === "") return "";
  const skippedLines = isCell ? prefixLines : 0;
  const map = remapping([second, first], () => null, { decodedMappings: true, excludeContent: true });
  const mappings = (map.mappings as number[][][]).map((line) =>
    line
      .filter((segment) => (segment[2] ?? 0) >= skippedLines)
      .map(([column, source, line, character]) => [column, source, line! - skippedLines, character]),
  );
  return JSON.stringify({ version: 3, names: [], sources: [isCell ? "cell.ts" : "module.ts"], mappings });
}
