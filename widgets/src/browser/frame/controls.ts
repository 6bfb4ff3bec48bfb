import { make } from "./frame.ts";
import { type Icon, icon } from "./icons.ts";

/** What every control has. */
interface Named {
  /** Said to screen readers, and shown beside the control where there is room for words. */
  readonly label: string;
  /** A sentence, shown while the pointer rests on the control. */
  readonly hint?: string;
}

/** A button with an icon, or else with its label in words. */
export function button(options: Named & { readonly icon?: Icon }, pressed: () => void): HTMLButtonElement {
  const element = make("button", "gb-button");
  element.type = "button";
  element.addEventListener("click", pressed);
  label(element, options);
  if (options.icon) element.append(icon(options.icon));
  else element.textContent = options.label;
  return element;
}

/** Gives a button another meaning, as when play becomes pause. */
export function relabel(element: HTMLButtonElement, options: Named & { readonly icon: Icon }): void {
  label(element, options);
  element.replaceChildren(icon(options.icon));
}

/** A button that stays pressed. */
export function toggle(
  options: Named & { readonly icon?: Icon },
  changed: (on: boolean) => void,
): HTMLButtonElement & { show(on: boolean): void } {
  const show = (on: boolean) => element.setAttribute("aria-pressed", String(on));
  const element = Object.assign(
    button(options, () => {
      const on = element.getAttribute("aria-pressed") !== "true";
      show(on);
      changed(on);
    }),
    { show },
  );
  show(false);
  return element;
}

/** A list to choose from, with its label before it. */
export function select(
  options: Named & { readonly choices: readonly (readonly [value: string, text: string])[] },
  chosen: (value: string) => void,
): { readonly element: HTMLLabelElement; readonly input: HTMLSelectElement } {
  const input = make("select", "gb-select");
  for (const [value, text] of options.choices) input.add(new Option(text, value));
  input.addEventListener("change", () => chosen(input.value));
  return { element: labelled(options, input), input };
}

/** A slider with its label before it and its value behind it. */
export function slider(
  options: Named & {
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly show?: (value: number) => string;
  },
  moved: (value: number) => void,
): { readonly element: HTMLLabelElement; readonly input: HTMLInputElement; show(value: number): void } {
  const input = make("input", "gb-slider");
  const value = make("output", "gb-value");
  Object.assign(input, { type: "range", min: options.min, max: options.max, step: options.step });
  const write = () => {
    value.textContent = (options.show ?? String)(input.valueAsNumber);
  };
  input.addEventListener("input", () => {
    write();
    moved(input.valueAsNumber);
  });
  const element = labelled(options, input);
  element.append(value);
  write();
  return {
    element,
    input,
    show: (shown) => {
      input.valueAsNumber = shown;
      write();
    },
  };
}

/** A box to tick, with its label behind it. */
export function checkbox(
  options: Named,
  ticked: (on: boolean) => void,
): { readonly element: HTMLLabelElement; readonly input: HTMLInputElement } {
  const input = make("input", "gb-checkbox");
  input.type = "checkbox";
  input.addEventListener("change", () => ticked(input.checked));
  const element = labelled(options, input);
  element.prepend(input);
  return { element, input };
}

/** A field for a number or for text; `changed` hears of it while it is typed. */
export function field(
  options: Named & { readonly type: "number" | "search"; readonly placeholder?: string },
  changed: (text: string) => void,
): { readonly element: HTMLLabelElement; readonly input: HTMLInputElement } {
  const input = make("input", `gb-field gb-${options.type}`);
  Object.assign(input, { type: options.type, placeholder: options.placeholder ?? "" });
  input.addEventListener("input", () => changed(input.value));
  // JupyterLab would take many keys for its own shortcuts.
  input.addEventListener("keydown", (event) => event.stopPropagation());
  return { element: labelled(options, input), input };
}

function labelled(options: Named, input: HTMLElement): HTMLLabelElement {
  const element = make("label", "gb-label");
  const words = make("span", "gb-words");
  words.textContent = options.label;
  if (options.hint) element.title = options.hint;
  // The label's own words: those of a list's choices are not its name.
  input.setAttribute("aria-label", options.label);
  element.append(words, input);
  return element;
}

function label(element: HTMLElement, { label: words, hint }: Named): void {
  element.setAttribute("aria-label", words);
  element.title = hint ?? words;
}
