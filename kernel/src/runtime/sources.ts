import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** Converted code that may turn up in error stacks. */
export interface Source {
  /** What to call it: `Cell [3]`, or a file's path. */
  readonly name: string;
  readonly isCell: boolean;
  /** The source map, as JSON. */
  readonly map: string;
  /** The text as the user wrote it. */
  readonly text?: string;
}

/** A place in what the user wrote; the line counts from one, the column from zero. */
export interface Place {
  readonly source: Source;
  readonly line: number;
  readonly column: number;
}

/** All converted code by the file name it runs under, for mapping error stacks back. */
export class Sources {
  readonly #sources = new Map<string, Source>();
  readonly #byName = new Map<string, Source>();
  readonly #maps = new WeakMap<Source, TraceMap>();

  add(file: string, source: Source): void {
    this.#sources.set(file, source);
    this.#byName.set(source.name, source);
  }

  /** Where a place in converted code comes from; line and column count from one, as in stacks. */
  placeOf(file: string, line: number, column: number): Place | undefined {
    const source = this.#sources.get(file);
    // Above the first line is what the kernel has put around the cell.
    if (!source || line < 1) return undefined;
    const map = this.#mapOf(source);
    const original = map && originalPositionFor(map, { line, column: column - 1 });
    if (original?.line == null) return { source, line, column: column - 1 };
    return { source, line: original.line, column: original.column };
  }

  /** A place that is known already, by the name of its source. */
  placeIn(name: string, line: number, column: number): Place | undefined {
    const source = this.#byName.get(name);
    return source && { source, line, column };
  }

  #mapOf(source: Source): TraceMap | undefined {
    if (source.map === "") return undefined;
    let map = this.#maps.get(source);
    if (!map) {
      map = new TraceMap(source.map);
      this.#maps.set(source, map);
    }
    return map;
  }
}
