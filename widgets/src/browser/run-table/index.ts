import { csvOf } from "../../runs/csv.ts";
import { firstOrder, type SeenRuns, seenRuns } from "../../runs/seen.ts";
import type { Run, RunColumn, RunOrder } from "../../runs/state.ts";
import { button, checkbox, field } from "../frame/controls.ts";
import { download, fileName } from "../frame/download.ts";
import { frame, make } from "../frame/frame.ts";
import { type RenderProps, Setting } from "../frame/model.ts";
import { drawBody } from "./body.ts";
import { ColumnsMenu } from "./columns-menu.ts";
import { Head } from "./head.ts";
import { wordsOfRuns } from "./words.ts";

/** Longer tables are slow to draw and are read by nobody: the rest is found by sorting and filtering. */
const most = 500;

/** Runs side by side. */
function render({ model, el }: RenderProps): () => void {
  const title = model.get<string>("title");
  const view = frame(el, { kind: "run-table", title, label: "runs" });
  const setting = {
    sort: new Setting<RunOrder | null>(model, "sort"),
    hidden: new Setting<readonly string[]>(model, "hidden"),
    filter: new Setting<string>(model, "filter"),
    differing: new Setting<boolean>(model, "differing"),
  };
  const all = () => ({ columns: model.get<readonly RunColumn[]>("columns"), runs: model.get<readonly Run[]>("runs") });
  const seen = (): SeenRuns =>
    seenRuns({
      ...all(),
      sort: setting.sort.value,
      hidden: setting.hidden.value,
      filter: setting.filter.value,
      differing: setting.differing.value,
    });

  const filter = field(
    {
      label: "filter",
      type: "search",
      placeholder: "rate=0.1 error<0.05",
      hint: 'Words, and conditions such as rate=0.1, error<0.05 or "test error"<0.05; all of them must hold',
    },
    (text) => setting.filter.set(text),
  );
  const differing = checkbox(
    { label: "only what differs", hint: "Leaves out settings and the like that are the same in all runs" },
    (on) => setting.differing.set(on),
  );
  const menu = new ColumnsMenu((name, on) => {
    const others = setting.hidden.value.filter((hidden) => hidden !== name);
    setting.hidden.set(on ? others : [...others, name]);
  });
  const csv = button({ label: "CSV", hint: "Saves what is seen as comma-separated values" }, () =>
    download(`${fileName(title, "runs")}.csv`, csvOf(seen()), "text/csv"),
  );
  view.tools.append(filter.element, differing.element, menu.element, csv);

  const place = view.body.appendChild(make("div", "gb-run-place"));
  // It scrolls: it must be reachable by keys where its columns are not.
  place.tabIndex = 0;
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", title === "" ? "runs" : `runs: ${title}`);
  const table = place.appendChild(make("table", "gb-run-list"));
  const head = new Head((column) => setting.sort.set(nextOrder(setting.sort.value, column)));
  const body = make("tbody");
  table.append(head.element, body);

  const show = () => {
    const { columns, runs } = all();
    const now = seen();
    if (filter.input.value !== setting.filter.value) filter.input.value = setting.filter.value;
    differing.input.checked = setting.differing.value;
    menu.show(columns, setting.hidden.value);
    head.show(now.columns, setting.sort.value);
    drawBody(body, { ...now, runs: now.runs.slice(0, most) });
    place.hidden = runs.length === 0;
    view.foot.textContent = wordsOfRuns(now, runs.length, most);
  };
  let requested = 0;
  const redraw = () => {
    requested ||= requestAnimationFrame(() => {
      requested = 0;
      show();
    });
  };
  model.on("change", redraw);
  view.onEnd(() => {
    model.off("change", redraw);
    cancelAnimationFrame(requested);
    menu.end();
  });
  show();
  return view.end;
}

/** Best first, then the other way round, then as the runs were added. */
function nextOrder(now: RunOrder | null, column: Pick<RunColumn, "name" | "better">): RunOrder | null {
  const first = firstOrder(column);
  if (now?.column !== column.name) return first;
  return now.descending === first.descending ? { ...first, descending: !first.descending } : null;
}

export default { render };
