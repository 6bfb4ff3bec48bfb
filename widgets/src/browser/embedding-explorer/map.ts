import type { Camera } from "../../embedding/state.ts";
import { axesOf } from "../../embedding/words.ts";
import { Canvas } from "../frame/canvas.ts";
import { type Frame, make } from "../frame/frame.ts";
import { Tooltip } from "../frame/tooltip.ts";
import type { Explorer, ShownLayout } from "./explorer.ts";
import { type Asked, listenTo, type Tool } from "./gestures.ts";
import { HitGrid } from "./grid.ts";
import { type Looks, looksOf, type Surface, surfaceOf } from "./looks.ts";
import { type Above, drawAxes, drawMarks, Names } from "./overlay.ts";
import { Painter, radiusOf, type Scene, spriteSize } from "./painter.ts";
import { type Bounds, between, boundsOf, home, type Placed, Projection } from "./projection.ts";
import { type Corner, within } from "./region.ts";
import { thumbnail } from "./thumbnail.ts";
import { unique } from "./unique.ts";
import { inWords } from "./words.ts";

/** How long a flight takes, in milliseconds. */
const flight = 420;
/** How close one is after a flight to a point. */
const closeUp = 5;

/** The map itself: a canvas with the points, which can be moved, turned, and pointed at. */
export class PointMap {
  readonly canvas: Canvas;
  readonly place: HTMLElement;
  tool: Tool = "move";
  readonly #explorer: Explorer;
  readonly #frame: Frame;
  readonly #tooltip: Tooltip;
  readonly #painter = new Painter();
  readonly #names = new Names();
  readonly #view = unique();
  #placed: Placed = { x: new Float32Array(0), y: new Float32Array(0), depth: new Float32Array(0) };
  #projection: Projection | undefined;
  #bounds: { readonly of: Float32Array; readonly bounds: Bounds } | undefined;
  #grid: HitGrid | undefined;
  #looks: Looks;
  #surface: Surface;
  #scene: Scene | undefined;
  #hovered: number | undefined;
  #region: readonly Corner[] | undefined;
  #answered: number | undefined;
  #flying = 0;
  #reach = 12;

  constructor(parent: HTMLElement, explorer: Explorer, frame: Frame) {
    this.#explorer = explorer;
    this.#frame = frame;
    this.#looks = looksOf(explorer.points, frame.scheme);
    this.#surface = surfaceOf(frame.scheme);
    this.place = parent.appendChild(make("div", "gb-map"));
    this.canvas = new Canvas(this.place, (context, width, height) => this.#draw(context, width, height));
    const { element } = this.canvas;
    element.tabIndex = 0;
    element.setAttribute("role", "application");
    element.setAttribute(
      "aria-label",
      "map of the points: arrows move it, plus and minus zoom, N and P go from point to point, Enter shows neighbours, space selects",
    );
    this.describe();
    this.#tooltip = new Tooltip(this.place);
    listenTo(element, this.#asked());
    frame.onScheme((scheme) => {
      this.#looks = looksOf(explorer.points, scheme);
      this.#surface = surfaceOf(scheme);
      this.canvas.redraw();
    });
    explorer.tell({ type: "ready", view: this.#view });
    frame.onEnd(() => {
      cancelAnimationFrame(this.#flying);
      this.canvas.end();
      explorer.tell({ type: "gone", view: this.#view });
    });
  }

  redraw(): void {
    this.canvas.redraw();
  }

  /** Says in words what is drawn on the canvas alone. */
  describe(): void {
    const { method, model, isInSpace } = this.#explorer;
    const [across, up, near] = axesOf(method.value, model.get("shares"));
    const axes = `${across} from left to right, ${up} from below${isInSpace ? `, ${near} towards the reader` : ""}`;
    this.canvas.element.setAttribute("aria-description", `The axes: ${axes}.`);
  }

  /** Moves the view until a point is in its middle, and closer. */
  flyTo(index: number): void {
    const { layout } = this.#explorer;
    if (!layout || !this.#projection) return;
    const { dimensions, positions } = layout;
    const position = positions.subarray(index * dimensions, (index + 1) * dimensions);
    this.#fly(this.#projection.towards(position, Math.max(closeUp, this.#camera.zoom)));
    this.#hovered = index;
  }

  /** Shows all of the map. */
  home(): void {
    cancelAnimationFrame(this.#flying);
    this.#explorer.camera.set(null);
  }

  get #camera(): Camera {
    return this.#explorer.camera.value ?? home;
  }

  #fly(to: Camera): void {
    const from = this.#camera;
    cancelAnimationFrame(this.#flying);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.#explorer.camera.set(to);
      return;
    }
    const began = performance.now();
    const move = () => {
      const share = Math.min(1, (performance.now() - began) / flight);
      // Slowly away, slowly there.
      this.#explorer.camera.set(between(from, to, share * share * (3 - 2 * share)));
      if (share < 1) this.#flying = requestAnimationFrame(move);
    };
    move();
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const explorer = this.#explorer;
    const { layout } = explorer;
    if (layout) this.#drawMap(context, layout, width, height);
    else this.#drawNothing(context, width, height);
    const { sequence } = explorer;
    if (sequence !== undefined && sequence !== this.#answered) {
      this.#answered = sequence;
      explorer.tell({ type: "drawn", view: this.#view, sequence });
    }
  }

  #drawMap(context: CanvasRenderingContext2D, layout: ShownLayout, width: number, height: number): void {
    const explorer = this.#explorer;
    const { positions, dimensions } = layout;
    if (this.#bounds?.of !== positions) this.#bounds = { of: positions, bounds: boundsOf(positions, dimensions) };
    const count = explorer.points.count;
    if (this.#placed.x.length !== count)
      this.#placed = { x: new Float32Array(count), y: new Float32Array(count), depth: new Float32Array(count) };
    const inSpace = explorer.isInSpace;
    const camera = this.#camera;
    const projection = new Projection(this.#bounds.bounds, camera, inSpace, width, height);
    projection.place(positions, dimensions, this.#placed);
    this.#projection = projection;
    this.#grid = undefined;
    const hidden = explorer.hiddenClasses;
    const { classOf } = explorer.points;
    const scene: Scene = {
      placed: this.#placed,
      looks: this.#looks,
      surface: this.#surface,
      emphasis: explorer.emphasis,
      isShown: classOf ? (index) => hidden[classOf[index]!] === 0 : () => true,
      inSpace,
      zoom: camera.zoom,
      sprites: explorer.sprites,
    };
    this.#scene = scene;
    const { element } = this.canvas;
    const density = element.width / width;
    context.putImageData(this.#painter.paint(scene, element.width, element.height, density), 0, 0);
    const size = scene.sprites ? spriteSize(scene, width, height) / 2 : radiusOf(count, camera.zoom);
    this.#reach = Math.max(10, size + 3);
    const above: Above = {
      placed: this.#placed,
      projection,
      surface: this.#surface,
      clear: size + 3,
      hovered: this.#hovered !== undefined && scene.isShown(this.#hovered) ? this.#hovered : undefined,
      region: this.#region,
    };
    const kept = drawAxes(context, explorer, above, width, height);
    this.#names.draw(context, explorer, above, camera.zoom, width, height, kept);
    drawMarks(context, explorer, above);
  }

  #drawNothing(context: CanvasRenderingContext2D, width: number, height: number): void {
    this.#projection = undefined;
    this.#scene = undefined;
    const { paper, quiet } = this.#surface;
    context.fillStyle = `rgb(${paper})`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = `rgb(${quiet})`;
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "center";
    const { status } = this.#explorer.run;
    const words =
      status === "preparing" ? "Looking for the neighbours of all points …" : "t-SNE has not begun: press play";
    context.fillText(words, width / 2, height / 2);
  }

  #hit([x, y]: Corner): number | undefined {
    if (!this.#scene) return undefined;
    this.#grid ??= new HitGrid(this.#placed, this.canvas.width, this.canvas.height, this.#scene.isShown);
    return this.#grid.nearest(x, y, this.#reach);
  }

  #hover(index: number | undefined): void {
    if (index !== this.#hovered) {
      this.#hovered = index;
      this.canvas.redraw();
    }
    this.canvas.element.style.cursor = index !== undefined && this.tool === "move" ? "pointer" : "";
    if (index === undefined) {
      this.#tooltip.hide();
      return;
    }
    const { points, images } = this.#explorer;
    const words = inWords(points, index).map((text, line) => {
      const row = make("div", line === 0 ? "gb-name" : "gb-quiet");
      row.textContent = text;
      return row;
    });
    const look = this.#looks.all[this.#looks.of[index]!]!;
    const picture = images ? [thumbnail(images, index, look.colour, this.#surface.paper, 48)] : [];
    this.#tooltip.show(this.#placed.x[index]!, this.#placed.y[index]!, ...picture, ...words);
  }

  #asked(): Asked {
    const explorer = this.#explorer;
    const see = (change: (projection: Projection) => Camera) => {
      cancelAnimationFrame(this.#flying);
      // From where one looks by now: what was asked for just before may not be drawn yet.
      if (this.#projection) explorer.camera.set(change(this.#projection.with(this.#camera)));
    };
    return {
      tool: () => this.tool,
      inSpace: () => explorer.isInSpace,
      pan: (across, down) => see((projection) => projection.dragged(across, down)),
      turn: (across, down) =>
        see(() => {
          const { yaw, pitch } = this.#camera;
          const upright = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, pitch + down / 150));
          return { ...this.#camera, yaw: yaw + across / 150, pitch: upright };
        }),
      zoom: (factor, x, y) => see((projection) => projection.zoomed(factor, x, y)),
      home: () => this.home(),
      outline: (region) => {
        this.#region = region;
        this.canvas.redraw();
      },
      choose: (region, how) => {
        if (!this.#scene) return;
        const found = within(region, this.#placed, this.#scene.isShown);
        const before = explorer.selected;
        if (how === "replace") explorer.select(found);
        else if (how === "add") explorer.select([...before, ...found]);
        else {
          const leaving = new Set(found);
          explorer.select(before.filter((index) => !leaving.has(index)));
        }
      },
      hover: (place) => this.#hover(place && this.#hit(place)),
      click: (place) => explorer.focus.set(this.#hit(place) ?? null),
      walk: (direction) => this.#walk(direction),
      act: (what) => {
        const index = this.#hovered;
        if (index === undefined) return;
        if (what === "focus") explorer.focus.set(index);
        else {
          const { selected } = explorer;
          explorer.select(
            selected.includes(index) ? selected.filter((chosen) => chosen !== index) : [...selected, index],
          );
        }
      },
      clear: () => {
        // What was asked for last goes first.
        if (explorer.focus.value !== null) explorer.focus.set(null);
        else if (explorer.search.value !== "") explorer.search.set("");
        else explorer.select([]);
      },
      wheelPassed: () => {
        this.#frame.foot.textContent = "Click on the map to zoom with the wheel, or hold Ctrl.";
      },
    };
  }

  #walk(direction: 1 | -1): void {
    const { points } = this.#explorer;
    const { count } = points;
    let index = this.#hovered ?? (direction === 1 ? -1 : 0);
    for (let tries = 0; tries < count; tries++) {
      index = (index + direction + count) % count;
      if (this.#explorer.isShown(index)) break;
    }
    this.#hover(index);
    this.#frame.foot.textContent = inWords(points, index).join(" · ");
  }
}
