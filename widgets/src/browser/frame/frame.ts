import { currentScheme, paintsOf, type Scheme, watchScheme } from "./scheme.ts";

/** The card around a view: title and tools above, the drawing, and a line of words below. */
export interface Frame {
  readonly root: HTMLElement;
  /** Where buttons and the like go, beside the title. */
  readonly tools: HTMLElement;
  readonly body: HTMLElement;
  /** Says in words what is to be seen; read out by screen readers when it changes. */
  readonly foot: HTMLElement;
  readonly scheme: Scheme;
  /** Calls back when the theme has changed, and once at the beginning. */
  onScheme(drawn: (scheme: Scheme) => void): void;
  /** Has something undone when the view goes. */
  onEnd(undo: () => void): void;
  /** To be returned by the view's `render`. */
  end(): void;
}

/** Builds the card of a view. @param kind a class for its own style, for example `"loss-curve"` */
export function frame(el: HTMLElement, { kind, title, label }: { kind: string; title: string; label: string }): Frame {
  const root = make("section", `gradbook-view gb-${kind}`);
  root.setAttribute("aria-label", title === "" ? label : `${label}: ${title}`);
  const head = make("header", "gb-head");
  const heading = make("div", "gb-title");
  heading.textContent = title;
  const tools = make("div", "gb-tools");
  tools.setAttribute("role", "toolbar");
  tools.setAttribute("aria-label", `${label}: tools`);
  const body = make("div", "gb-body");
  const foot = make("footer", "gb-foot");
  foot.setAttribute("aria-live", "polite");
  head.append(heading, tools);
  root.append(head, body, foot);
  el.append(root);

  let scheme = currentScheme();
  const drawn: ((scheme: Scheme) => void)[] = [];
  const undo = [ownKeys(root)];
  const paint = () => {
    root.dataset.scheme = scheme;
    for (const [name, value] of Object.entries(paintsOf(scheme))) root.style.setProperty(name, value);
  };
  paint();
  undo.push(
    watchScheme((now) => {
      if (now === scheme) return;
      scheme = now;
      paint();
      for (const draw of drawn) draw(scheme);
    }),
  );
  return {
    root,
    tools,
    body,
    foot,
    get scheme() {
      return scheme;
    },
    onScheme: (draw) => {
      drawn.push(draw);
      draw(scheme);
    },
    onEnd: (end) => undo.push(end),
    end: () => {
      for (const end of undo.splice(0)) end();
      root.remove();
    },
  };
}

/**
 * Plain keys pressed inside are the view's: in JupyterLab an arrow would go to the next cell and Enter into its editor.
 * Those with Ctrl, Alt or Meta, and Shift-Enter, remain the page's.
 */
function ownKeys(root: HTMLElement): () => void {
  // Before JupyterLab, which listens on the document and looks for this attribute.
  const mark = ({ target, ctrlKey, metaKey, altKey, shiftKey, key }: KeyboardEvent) => {
    if (!root.contains(target as Node)) return;
    const ours = !ctrlKey && !metaKey && !altKey && !(shiftKey && key === "Enter");
    root.toggleAttribute("data-lm-suppress-shortcuts", ours);
  };
  addEventListener("keydown", mark, true);
  return () => removeEventListener("keydown", mark, true);
}

/** An element with a class. */
export function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className = ""): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
