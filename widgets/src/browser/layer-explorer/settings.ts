import type { LayerSettings } from "../../layers/state.ts";
import { type PageModel, Setting } from "../frame/model.ts";

/** What the reader chooses, by name. */
export type Settings = { readonly [Name in keyof LayerSettings]: Setting<LayerSettings[Name]> };

const names: readonly (keyof LayerSettings)[] = [
  "layer",
  "mode",
  "looks",
  "slices",
  "scale",
  "first",
  "input",
  "epoch",
  "enlarged",
  "cursor",
  "overlay",
  "opacity",
];

/** The settings of a model. */
export function settingsOf(model: PageModel): Settings {
  return Object.fromEntries(names.map((name) => [name, new Setting(model, name)])) as unknown as Settings;
}
