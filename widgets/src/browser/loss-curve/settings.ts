import type { CurveView, Horizontal, Zoom } from "../../series/curve-state.ts";
import { type PageModel, Setting } from "../frame/model.ts";

/** What the reader has set, kept in the shared state. */
export class Settings {
  readonly x: Setting<Horizontal>;
  readonly logX: Setting<boolean>;
  readonly logY: Setting<CurveView["logY"]>;
  readonly smoothing: Setting<number>;
  readonly clip: Setting<boolean>;
  readonly aside: Setting<string>;
  readonly hidden: Setting<CurveView["hidden"]>;
  readonly zoom: Setting<Zoom>;

  constructor(model: PageModel) {
    this.x = new Setting(model, "x");
    this.logX = new Setting(model, "logX");
    this.logY = new Setting(model, "logY");
    this.smoothing = new Setting(model, "smoothing");
    this.clip = new Setting(model, "clip");
    this.aside = new Setting(model, "aside");
    this.hidden = new Setting(model, "hidden");
    this.zoom = new Setting(model, "zoom");
  }

  get all(): CurveView {
    return {
      x: this.x.value,
      logX: this.logX.value,
      logY: this.logY.value,
      smoothing: this.smoothing.value,
      clip: this.clip.value,
      aside: this.aside.value,
      hidden: this.hidden.value,
      zoom: this.zoom.value,
    };
  }

  /** Calls back when any of them has changed, here or in another view. @returns how to stop it. */
  onChange(listener: () => void): () => void {
    const { x, logX, logY, smoothing, clip, aside, hidden, zoom } = this;
    const stops = [x, logX, logY, smoothing, clip, aside, hidden, zoom].map((one) => one.onChange(listener));
    return () => {
      for (const stop of stops) stop();
    };
  }
}
