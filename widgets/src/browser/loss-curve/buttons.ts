import { grouped } from "../../picture/numbers.ts";
import type { SteeringState } from "../../series/curve-state.ts";
import { button, relabel } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import { followKernel, type PageModel } from "../frame/model.ts";

/** The buttons that pause and stop the training, and the words beside them; seen once something has run. */
export class Buttons {
  readonly element = make("div", "gb-group gb-curve-steering");
  readonly #words = make("span", "gb-curve-steering-words");
  readonly #pause: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #model: PageModel;
  readonly #step: () => number;
  readonly #undo: (() => void)[] = [];
  #answered = false;
  #shown = "";

  /** @param step the latest step of what runs */
  constructor(model: PageModel, step: () => number) {
    this.#model = model;
    this.#step = step;
    this.#words.setAttribute("role", "status");
    this.#pause = button({ label: "pause", icon: "pause" }, () =>
      model.send({ type: this.#state.state === "paused" ? "resume" : "pause" }),
    );
    this.#stop = button({ label: "stop", icon: "stop" }, () => model.send({ type: "stop" }));
    this.element.append(this.#words, this.#pause, this.#stop);
    const show = () => this.show();
    model.on("change:steering", show);
    this.#undo.push(() => model.off("change:steering", show));
    this.#undo.push(
      followKernel(model, (there) => {
        this.#answered = there;
        this.show();
      }),
    );
    this.show();
  }

  show(): void {
    const { state, canPause, canStop } = this.#state;
    const alone = !this.#answered && state !== "stopped";
    this.element.hidden = state === "idle" || alone;
    const step = grouped(Math.max(0, this.#step()));
    const words = {
      idle: "",
      running: "running",
      paused: `paused at step ${step}`,
      stopped: `stopped at step ${step}`,
    }[state];
    // The same again would be read out again.
    if (words !== this.#words.textContent) this.#words.textContent = words;
    this.element.dataset.state = state;
    this.#pause.hidden = this.#stop.hidden = state === "stopped" || alone;
    this.#pause.disabled = !canPause;
    this.#stop.disabled = !canStop;
    const key = `${state} ${canPause} ${canStop}`;
    if (key === this.#shown) return;
    this.#shown = key;
    relabel(
      this.#pause,
      state === "paused"
        ? { label: "resume", hint: "Go on with the training", icon: "play" }
        : {
            label: "pause",
            hint: canPause
              ? "Hold the training up after this step"
              : "This loop cannot be paused: it does not await curve.add(…)",
            icon: "pause",
          },
    );
    this.#stop.title = canStop
      ? "End the training after this step; the model keeps its parameters"
      : "This loop cannot be stopped: it does not look at curve.stopped";
  }

  end(): void {
    for (const undo of this.#undo) undo();
  }

  get #state(): SteeringState {
    return this.#model.get<SteeringState>("steering");
  }
}
