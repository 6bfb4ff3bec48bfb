import type { Dash } from "../../picture/dashes.ts";
import { formatNumber, grouped } from "../../picture/numbers.ts";
import type { Member } from "../../series/arrange.ts";
import type { Reading } from "../../series/reading.ts";
import { make } from "../frame/frame.ts";
import { hiddenId } from "./scene.ts";

/** An entry of a legend: a line, and how it looks. */
export interface Entry {
  readonly member: Member;
  readonly reading: Reading;
  readonly shown: boolean;
  readonly colour: string;
  readonly dash: Dash;
  readonly name: string;
}

/** What the reader does to an entry. */
export type LegendAction = "toggle" | "alone" | "run";

const hint = "Click: hide or show. Double or Alt-click, or key i: this one alone. Shift-click: its run in every panel.";

/** The latest value of a line and what is remarkable about it. */
export function notesOf({ line, best, stretches }: Reading): { readonly words: string; readonly warns: boolean } {
  if (line.notFinite > 0) {
    const first = stretches[0] === undefined ? "" : `, first at step ${grouped(line.steps[stretches[0].from]!)}`;
    return { words: `${line.notFinite} × not finite${first}`, warns: true };
  }
  return { words: best ? `best ${formatNumber(best.value)}` : "", warns: false };
}

/** A line as a background, broken as it is in the panel. */
function strokeOf({ colour, dash }: Pick<Entry, "colour" | "dash">): string {
  if (dash.length === 0) return colour;
  let from = 0;
  const stops = dash.map((length, part) => {
    const stop = `${part % 2 === 0 ? colour : "transparent"} ${from}px ${from + length}px`;
    from += length;
    return stop;
  });
  return `repeating-linear-gradient(to right, ${stops.join(", ")})`;
}

/** The legend of a panel: what its lines are, with a button for each that hides and shows it. */
export class Legend {
  readonly element = make("div", "gb-curve-keys");
  readonly #acted: (member: Member, action: LegendAction) => void;
  readonly #keys = new Map<string, { readonly button: HTMLButtonElement; show(entry: Entry): void }>();

  constructor(acted: (member: Member, action: LegendAction) => void) {
    this.#acted = acted;
    this.element.setAttribute("role", "group");
  }

  show(entries: readonly Entry[]): void {
    const wanted = new Set(entries.map(({ member }) => hiddenId(member)));
    for (const [id, { button }] of this.#keys) {
      if (wanted.has(id)) continue;
      button.remove();
      this.#keys.delete(id);
    }
    for (const entry of entries) {
      const id = hiddenId(entry.member);
      const key = this.#keys.get(id) ?? this.#make(entry.member);
      this.#keys.set(id, key);
      key.show(entry);
    }
  }

  #make(first: Member) {
    // What a line has in common with others changes when another run begins.
    let member = first;
    const button = this.element.appendChild(make("button", "gb-curve-key"));
    button.type = "button";
    button.title = hint;
    const swatch = make("span", "gb-curve-swatch");
    const [name, value, note] = [make("span", "gb-curve-key-name"), make("b"), make("span", "gb-curve-key-note")];
    button.append(swatch, name, value, note);
    button.addEventListener("click", ({ altKey, shiftKey }) =>
      this.#acted(member, altKey ? "alone" : shiftKey ? "run" : "toggle"),
    );
    button.addEventListener("dblclick", ({ altKey, shiftKey }) => {
      if (!altKey && !shiftKey) this.#acted(member, "alone");
    });
    button.addEventListener("keydown", (event) => {
      if (event.key === "i") this.#acted(member, "alone");
    });
    // Writing what is there already would have the page laid out anew, many times a second.
    const write = (element: HTMLElement, text: string) => {
      if (element.textContent !== text) element.textContent = text;
    };
    return {
      button,
      show: (entry: Entry) => {
        member = entry.member;
        const { words, warns } = notesOf(entry.reading);
        write(name, entry.name);
        write(value, formatNumber(entry.reading.last));
        write(note, entry.member.line.aside ? "" : words);
        note.classList.toggle("gb-curve-warns", warns);
        button.setAttribute("aria-pressed", String(entry.shown));
        swatch.style.background = strokeOf(entry);
      },
    };
  }
}

/** The lines that are hidden after an action on one. */
export function hiddenAfter(
  action: LegendAction,
  member: Member,
  panels: readonly (readonly Member[])[],
  hidden: readonly string[],
): string[] {
  const id = hiddenId(member);
  const now = new Set(hidden);
  const all = panels.flat();
  if (action === "toggle") {
    if (!now.delete(id)) now.add(id);
  } else if (action === "run") {
    const hides = !now.has(id);
    for (const one of all) {
      if (one.family !== member.family) continue;
      if (hides) now.add(hiddenId(one));
      else now.delete(hiddenId(one));
    }
  } else {
    // In its own panel the line alone; elsewhere only other runs go. Once more, and all are back.
    const others = panels.flatMap((members) => {
      const own = members.some((one) => hiddenId(one) === id);
      return members.filter((one) => (own ? hiddenId(one) !== id : one.run !== member.run)).map(hiddenId);
    });
    const already = !now.has(id) && now.size === others.length && others.every((other) => now.has(other));
    return already ? [] : others;
  }
  return [...now];
}
