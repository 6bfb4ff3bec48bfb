import { isGlobal, namesIn, parseDeclarations } from "./declarations.ts";
import type { TS } from "./typescript.ts";

/** One statement among the declarations of earlier cells. */
interface Entry {
  readonly text: string;
  /** What it declares. */
  readonly names: readonly string[];
  /** All names in it. */
  readonly mentions: ReadonlySet<string>;
  /** Adds to the global scope or to a module, so that it matters to every cell. */
  readonly isGlobal: boolean;
}

/** The declarations that a cell can have to do with, and the others. */
export interface Selection {
  readonly text: string;
  readonly rest: readonly Entry[];
}

/** How many states of the declarations are remembered. */
const remembered = 4;
const identifier = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/**
 * Takes the declarations of earlier cells apart, so that the cost of a cell depends on what it uses, not on all that a
 * long session has declared.
 */
export class DeclarationIndex {
  readonly #ts: TS;
  readonly #known = new Map<string, readonly Entry[]>();

  constructor(ts: TS) {
    this.#ts = ts;
  }

  /** Those declarations that the cell names, that these name in turn, and so on. */
  select(declarations: string, code: string): Selection {
    // A name may be spelt with escapes.
    if (declarations === "" || /\\u/.test(code)) return { text: declarations, rest: [] };
    const entries = this.#entriesOf(declarations);
    const byName = new Map<string, Entry[]>();
    for (const entry of entries)
      for (const name of entry.names) {
        const same = byName.get(name);
        if (same) same.push(entry);
        else byName.set(name, [entry]);
      }
    const selected = new Set<Entry>(entries.filter((entry) => entry.isGlobal));
    const follow = (names: Iterable<string>): void => {
      for (const name of names)
        for (const entry of byName.get(name) ?? []) {
          if (selected.has(entry)) continue;
          selected.add(entry);
          follow(entry.mentions);
        }
    };
    for (const entry of [...selected]) follow(entry.mentions);
    follow(mentionsOf(code));
    const kept = entries.filter((entry) => selected.has(entry));
    return { text: textOf(kept), rest: entries.filter((entry) => !selected.has(entry)) };
  }

  /** The declarations after a cell: what came of those that it had to do with, and the others. */
  join(declarations: string, rest: readonly Entry[]): string {
    if (rest.length === 0) return declarations;
    const entries = [...this.#parse(declarations), ...rest];
    const text = textOf(entries);
    this.#remember(text, entries);
    return text;
  }

  #entriesOf(declarations: string): readonly Entry[] {
    const known = this.#known.get(declarations);
    if (known) return known;
    const entries = this.#parse(declarations);
    this.#remember(declarations, entries);
    return entries;
  }

  #remember(declarations: string, entries: readonly Entry[]): void {
    this.#known.delete(declarations);
    this.#known.set(declarations, entries);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= remembered) break;
      this.#known.delete(oldest);
    }
  }

  #parse(declarations: string): Entry[] {
    const file = parseDeclarations(this.#ts, declarations);
    return file.statements.map((statement) => {
      const text = declarations.slice(statement.pos, statement.end).trim();
      return {
        text,
        names: namesIn(this.#ts, statement),
        mentions: mentionsOf(text),
        isGlobal: isGlobal(this.#ts, statement),
      };
    });
  }
}

function mentionsOf(text: string): Set<string> {
  return new Set(text.match(identifier));
}

function textOf(entries: readonly Entry[]): string {
  return entries.map(({ text }) => `${text}\n`).join("");
}
