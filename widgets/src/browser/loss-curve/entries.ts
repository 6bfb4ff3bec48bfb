import { dashOf, dotted } from "../../picture/dashes.ts";
import { asideOf, type Member } from "../../series/arrange.ts";
import type { CurveView } from "../../series/curve-state.ts";
import type { Run } from "../../series/run.ts";
import { asideStroke, type Colours, colourOf } from "./draw.ts";
import type { Entry } from "./legend.ts";
import { asideSmoothing, hiddenId, type Readings, type ScenePanel } from "./scene.ts";

/** The lines of a panel, hidden ones too; those of the second axis are in the first panel. */
export function membersOf(panel: ScenePanel, index: number, runs: readonly Run[], view: CurveView): readonly Member[] {
  const { members } = panel.group;
  return index === 0 && view.aside !== "" ? [...members, ...asideOf(runs, view.aside)] : members;
}

/** How a line appears in the legend of its panel. */
export function entryOf(
  member: Member,
  { group, aside }: ScenePanel,
  view: CurveView,
  readings: Readings,
  colours: Colours,
): Entry {
  const { line, name } = member;
  const alone = line.aside ? line.metric : group.name;
  // What stands over the panel need not be said again.
  const own = name === alone ? [] : [name];
  return {
    member,
    reading: readings.of(line, line.aside ? asideSmoothing(view) : view.smoothing),
    shown: !view.hidden.includes(hiddenId(member)),
    colour: line.aside ? asideStroke({ member }, colours).colour : colourOf({ member }, colours),
    dash: line.aside ? dotted : dashOf(member),
    name: (line.aside ? [...own, aside?.name ?? line.metric, "(right)"] : own).join(" "),
  };
}
