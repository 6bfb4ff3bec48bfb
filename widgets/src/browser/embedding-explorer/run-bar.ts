import { complaintAbout } from "../../embedding/settings.ts";
import type { RunSettings } from "../../embedding/state.ts";
import { grouped } from "../../picture/numbers.ts";
import { button, field, relabel } from "../frame/controls.ts";
import { make } from "../frame/frame.ts";
import type { Explorer } from "./explorer.ts";

const fields = [
  {
    name: "perplexity",
    label: "perplexity",
    hint: "roughly, how many neighbours count",
    placeholder: "",
  },
  { name: "rate", label: "learning rate", hint: "step width; empty leaves it to t-SNE", placeholder: "auto" },
  {
    name: "exaggeration",
    label: "exaggeration",
    hint: "by how much neighbours attract each other more in the first iterations",
    placeholder: "",
  },
  {
    name: "seed",
    label: "seed",
    hint: "of random places to start from; empty starts from the principal components",
    placeholder: "PCA",
  },
] as const;

/** The buttons and fields of t-SNE, and how far it is. */
export class RunBar {
  readonly element = make("div", "gb-run");
  readonly #explorer: Explorer;
  readonly #play: HTMLButtonElement;
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #restart: HTMLButtonElement;
  readonly #progress = make("div", "gb-bar");
  readonly #filling = make("div", "gb-filling");
  readonly #words = make("div", "gb-words gb-iteration");
  readonly #note = make("div", "gb-note");
  readonly #inputs: readonly HTMLInputElement[];

  constructor(explorer: Explorer) {
    this.#explorer = explorer;
    this.#play = button({ label: "Run t-SNE", icon: "play" }, () => this.#steer(this.#isActive ? "pause" : "play"));
    const step = button({ label: "One step", icon: "step", hint: stepHint(explorer.model.get("every")) }, () =>
      this.#steer("step"),
    );
    this.#restart = button({ label: "Restart", icon: "restart", hint: "Begin anew, with the settings beside" }, () =>
      this.#steer("restart"),
    );
    this.#buttons = [this.#play, step, this.#restart];
    const buttons = make("span", "gb-group");
    buttons.append(...this.#buttons);
    const far = make("div", "gb-far");
    this.#progress.setAttribute("role", "progressbar");
    this.#progress.setAttribute("aria-label", "iterations of t-SNE");
    this.#progress.append(this.#filling);
    far.append(this.#words, this.#progress);
    const controls = fields.map(({ name, label, hint, placeholder }) => {
      const control = field({ label, hint: `${hint}. Applies on restart.`, type: "number", placeholder }, (text) =>
        this.#typed(name, text),
      );
      control.input.step = "any";
      control.input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !this.#restart.disabled) this.#steer("restart");
      });
      return control;
    });
    this.#inputs = controls.map(({ input }) => input);
    const settings = make("div", "gb-settings");
    settings.append(...controls.map(({ element }) => element));
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "t-SNE");
    this.#note.setAttribute("role", "status");
    this.element.append(buttons, far, settings, this.#note);
    this.refresh();
  }

  refresh(): void {
    const explorer = this.#explorer;
    const { run, connected } = explorer;
    const canRun = explorer.model.get<boolean>("canRun");
    const isShown = explorer.method.value === "tsne" || canRun;
    this.element.hidden = !isShown;
    const active = this.#isActive;
    const isAble = canRun && connected;
    relabel(this.#play, active ? { label: "Pause t-SNE", icon: "pause" } : { label: "Run t-SNE", icon: "play" });
    for (const control of [...this.#buttons, ...this.#inputs]) control.disabled = !isAble;
    const settings = explorer.runSettings.value;
    this.#inputs.forEach((input, i) => {
      const value = settings[fields[i]!.name];
      // What is being typed is not to be changed under the reader's hands.
      if (input.getRootNode() instanceof Document && document.activeElement === input) return;
      input.value = value === null ? "" : String(value);
    });
    this.showProgress();
    this.#note.textContent = this.#remark(isAble, canRun);
    this.#note.classList.toggle("gb-warning", run.status === "failed");
    this.#restart.classList.toggle("gb-due", isAble && this.#isChanged);
  }

  /** Iteration and divergence, which change with every map. */
  showProgress(): void {
    const { status, iteration, iterations, kl } = this.#explorer.run;
    const divergence = kl === null ? "" : ` · KL ${kl.toFixed(3)}`;
    const far = `iteration ${grouped(iteration)} of ${grouped(iterations)}${divergence}`;
    this.#words.textContent =
      status === "waiting" ? "not begun" : status === "preparing" ? "looking for neighbours …" : far;
    this.#progress.dataset.state =
      status === "preparing" ? "unknown" : status === "failed" ? "stopped" : status === "done" ? "done" : "running";
    const share = status === "preparing" ? 0.3 : iteration / Math.max(1, iterations);
    this.#filling.style.width = `${Math.min(100, 100 * share)}%`;
    this.#progress.setAttribute("aria-valuemax", String(iterations));
    this.#progress.setAttribute("aria-valuenow", String(iteration));
  }

  get #isActive(): boolean {
    return ["running", "preparing"].includes(this.#explorer.run.status);
  }

  /** Whether the fields say something else than what t-SNE was started with. */
  get #isChanged(): boolean {
    const { status, settings } = this.#explorer.run;
    const now = this.#explorer.runSettings.value;
    return status !== "waiting" && fields.some(({ name }) => settings[name] !== now[name]);
  }

  #remark(isAble: boolean, canRun: boolean): string {
    const explorer = this.#explorer;
    const { status, note } = explorer.run;
    if (!canRun) return "t-SNE cannot run: the explorer was made without it.";
    if (!isAble) return "No kernel is connected: t-SNE cannot run, everything else works.";
    if (status === "failed") return note;
    const complaint = complaintAbout(explorer.runSettings.value, explorer.points.count);
    if (complaint) return `The ${complaint}.`;
    return this.#isChanged ? "Changed settings apply on restart." : "";
  }

  #typed(name: keyof RunSettings, text: string): void {
    const usual = { perplexity: Number.NaN, exaggeration: Number.NaN, rate: null, seed: null };
    const value = text.trim() === "" ? usual[name] : Number(text);
    const settings = { ...this.#explorer.runSettings.value, [name]: value };
    const complaint = complaintAbout(settings, this.#explorer.points.count);
    if (complaint) this.#note.textContent = `The ${complaint}.`;
    else this.#explorer.runSettings.set(settings);
  }

  #steer(type: "play" | "pause" | "step" | "restart"): void {
    const explorer = this.#explorer;
    if (explorer.method.value !== "tsne") explorer.method.set("tsne");
    explorer.tell({ type, dimensions: explorer.dimensions, settings: explorer.runSettings.value });
  }
}

function stepHint(every: number): string {
  return every === 1 ? "One iteration" : `${every} iterations: so many lie between two maps`;
}
