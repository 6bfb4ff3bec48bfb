import { binOf, boundsOf, type Ridge, type Ridges, type RidgeView, ridgesOf } from "../../histogram/ridges.ts";
import type { SpreadAt } from "../../histogram/series.ts";
import { wordsOfBin, wordsOfSpread, wordsOfStep } from "../../histogram/words.ts";
import { formatNumber } from "../../picture/numbers.ts";
import { Canvas } from "../frame/canvas.ts";
import { make } from "../frame/frame.ts";

/** How panels are drawn. */
export interface PanelLook {
  readonly view: RidgeView;
  readonly logarithmic: boolean;
}

/** A bin that is read. */
interface Read {
  readonly ridge: Ridge;
  readonly bin: number | undefined;
}

const [foot, labels] = [22, 42];

/** The histograms of one name. */
export class Panel {
  readonly element = make("section", "gb-histogram");
  readonly #name: HTMLButtonElement;
  readonly #numbers = make("div", "gb-histogram-numbers");
  readonly #place = make("div", "gb-histogram-place");
  readonly #canvas: Canvas;
  readonly #tell: (words: readonly string[] | undefined, x: number, y: number, by: "pointer" | "keyboard") => void;
  #spreads: readonly SpreadAt[] = [];
  #look: PanelLook = { view: "ridges", logarithmic: false };
  #drawn: Ridges | undefined;
  #read: Read | undefined;

  /** @param tell is given the words about what is read, and where that is in the window */
  constructor(
    enlarge: () => void,
    tell: (words: readonly string[] | undefined, x: number, y: number, by: "pointer" | "keyboard") => void,
  ) {
    this.#tell = tell;
    this.#name = make("button", "gb-histogram-name");
    this.#name.type = "button";
    this.#name.addEventListener("click", enlarge);
    this.element.append(this.#name, this.#numbers, this.#place);
    this.#place.tabIndex = 0;
    this.#place.setAttribute("role", "img");
    this.#canvas = new Canvas(this.#place, (context, width, height) => this.#draw(context, width, height));
    this.#place.addEventListener("pointermove", (event) => this.#point(event));
    for (const leaving of ["pointerleave", "blur"])
      this.#place.addEventListener(leaving, () => {
        this.#read = undefined;
        this.#canvas.redraw();
        this.#tell(undefined, 0, 0, leaving === "blur" ? "keyboard" : "pointer");
      });
    this.#place.addEventListener("keydown", (event) => this.#key(event));
  }

  show(name: string, spreads: readonly SpreadAt[], look: PanelLook, large: boolean): void {
    this.#spreads = spreads;
    this.#look = look;
    const last = spreads.at(-1);
    this.#name.textContent = name;
    this.#name.title = large ? "all panels" : "enlarge";
    this.#name.setAttribute("aria-expanded", String(large));
    this.#numbers.textContent = last ? wordsOfSpread(last) : "";
    this.#numbers.title = this.#numbers.textContent;
    this.element.classList.toggle("gb-large", large);
    const steps = spreads.length > 1 ? `, ${spreads.length} steps` : "";
    this.#place.setAttribute(
      "aria-label",
      `${name}${steps}: ${this.#numbers.textContent}; the arrow keys read its bins`,
    );
    this.#canvas.redraw();
  }

  redraw(): void {
    this.#canvas.redraw();
  }

  end(): void {
    this.#canvas.end();
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const style = getComputedStyle(this.#place);
    const colour = (name: string) => style.getPropertyValue(`--gb-${name}`).trim();
    const steps = this.#look.view !== "last" && this.#spreads.length > 1;
    const box = { left: 4, top: 2, width: width - 8 - (steps ? labels : 0), height: height - foot - 2 };
    const drawn = ridgesOf(this.#spreads, box, this.#look);
    this.#drawn = drawn;
    const over = this.#look.view === "overlay" && drawn.ridges.length > 1;
    for (const { x, y, age } of drawn.ridges) {
      const path = pathOf(x, y);
      if (over) stroke(context, path, colour("line0"), 1.2, 0.2 + 0.8 * age);
      else {
        fill(context, path, colour("paper"), 1);
        fill(context, path, colour("line0"), 0.25 + 0.6 * age);
        stroke(context, path, colour("paper"), 0.8, 1);
      }
    }
    if (this.#read) this.#mark(context, drawn, colour("line1"), colour("ink"));
    const bottom = box.top + box.height;
    context.strokeStyle = colour("border");
    context.fillStyle = colour("quiet");
    context.font = `10px ${style.fontFamily}`;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(box.left, bottom + 0.5);
    context.lineTo(box.left + box.width, bottom + 0.5);
    for (const { value, label } of drawn.axis.ticks) {
      const x = drawn.axis.at(value);
      if (x < box.left - 1 || x > box.left + box.width + 1) continue;
      context.moveTo(Math.round(x) + 0.5, bottom);
      context.lineTo(Math.round(x) + 0.5, bottom + 4);
      context.textAlign = x < box.left + 10 ? "left" : x > box.left + box.width - 10 ? "right" : "center";
      context.fillText(label, x, bottom + 15);
    }
    context.stroke();
    if (steps) this.#labelSteps(context, box.left + box.width + 6, drawn.ridges);
  }

  /** Names the first and the last step, and others where there is room. */
  #labelSteps(context: CanvasRenderingContext2D, x: number, ridges: readonly Ridge[]): void {
    context.textAlign = "left";
    const chosen = this.#look.view === "ridges" ? ridges : ridges.slice(-1);
    const bottom = chosen.at(-1)?.base ?? 0;
    let above = Number.NEGATIVE_INFINITY;
    context.fillText("step", x, Math.max(9, (chosen[0]?.base ?? 0) - 11));
    chosen.forEach(({ spread, base }, index) => {
      if (base - above < 12 || (index < chosen.length - 1 && bottom - base < 12)) return;
      above = base;
      context.fillText(formatNumber(spread.step), x, base + 3);
    });
  }

  /** Shows which bin of which step is read. */
  #mark(context: CanvasRenderingContext2D, { axis, ridges }: Ridges, colour: string, ink: string): void {
    const { ridge: old, bin } = this.#read!;
    const ridge = ridges.find(({ spread }) => Object.is(spread.step, old.spread.step));
    if (!ridge) return;
    stroke(context, pathOf(ridge.x, ridge.y), ink, 1.4, 1);
    if (bin === undefined || ridge.spread.low === ridge.spread.high) return;
    const [from, to] = boundsOf(ridge.spread, bin).map((value) => axis.at(value)) as [number, number];
    // An outline begins at the base, then there are two points for each bin.
    const top = ridge.y[2 * bin + 1]!;
    context.fillStyle = colour;
    context.fillRect(from, Math.min(top, ridge.base - 2), Math.max(1.5, to - from), Math.max(2, ridge.base - top));
  }

  #point(event: PointerEvent): void {
    if (!this.#drawn || this.#drawn.ridges.length === 0) return;
    const { left, top } = this.#place.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const { axis, ridges } = this.#drawn;
    // The one in front whose foot is just below the pointer.
    const ridge = ridges.find(({ base }) => base >= y) ?? ridges.at(-1)!;
    const seen = this.#look.view === "ridges" ? ridge : ridges.at(-1)!;
    this.#lookAt(seen, binOf(seen.spread, valueAt(axis, x)), event.clientX, event.clientY, "pointer");
  }

  #key(event: KeyboardEvent): void {
    const ridges = this.#drawn?.ridges ?? [];
    if (ridges.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Readonly<Record<string, readonly [ridge: number, bin: number]>> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const now = ridges.findIndex(({ spread }) => Object.is(spread.step, this.#read?.ridge.spread.step));
    const at = now < 0 ? ridges.length - 1 : Math.min(ridges.length - 1, Math.max(0, now + step[0]));
    const ridge = ridges[at]!;
    const last = ridge.spread.counts.length - 1;
    const bin = now < 0 ? 0 : Math.min(last, Math.max(0, (this.#read?.bin ?? 0) + step[1]));
    const box = this.#place.getBoundingClientRect();
    const x = this.#drawn!.axis.at(boundsOf(ridge.spread, bin)[0]);
    this.#lookAt(ridge, bin, box.left + x, box.top + ridge.base, "keyboard");
  }

  #lookAt(ridge: Ridge, bin: number | undefined, x: number, y: number, by: "pointer" | "keyboard"): void {
    this.#read = { ridge, bin };
    const step = wordsOfStep(ridge.spread.step);
    this.#tell([...(step === "" ? [] : [step]), wordsOfBin(ridge.spread, bin)], x, y, by);
    this.#canvas.redraw();
  }
}

function valueAt(axis: Ridges["axis"], x: number): number {
  // The axis is straight.
  const [zero, one] = [axis.at(0), axis.at(1)];
  return (x - zero) / (one - zero);
}

function pathOf(x: readonly number[], y: readonly number[]): Path2D {
  const path = new Path2D();
  x.forEach((at, index) => {
    path.lineTo(at, y[index]!);
  });
  return path;
}

function fill(context: CanvasRenderingContext2D, path: Path2D, colour: string, opacity: number): void {
  context.globalAlpha = opacity;
  context.fillStyle = colour;
  context.fill(path);
  context.globalAlpha = 1;
}

function stroke(context: CanvasRenderingContext2D, path: Path2D, colour: string, width: number, opacity: number): void {
  context.globalAlpha = opacity;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
  context.globalAlpha = 1;
}
