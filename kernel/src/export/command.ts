import type { Command } from "commander";
import { type ExportReport, exportNotebook } from "./export-notebook.ts";

interface ExportFlags {
  html?: boolean;
  output?: string;
  title?: string;
  code: boolean;
  static?: boolean;
}

/** Adds `gradbook export`. */
export function addExportCommand(program: Command): void {
  program
    .command("export")
    .summary("write a notebook as one HTML file that stays interactive")
    .description(
      "Writes a notebook, with the outputs it holds, as one HTML file that needs neither network nor kernel. Widgets in anywidget's form and plotly's figures stay live in it; everything else is shown as in Jupyter.",
    )
    .argument("<notebook>", "the notebook; run it first: gradbook run")
    .option("--html", "as HTML, which is the only form so far")
    .option("-o, --output <file>", "where the page goes, a file or a folder; otherwise beside the notebook")
    .option("--title <text>", "the page's title; otherwise the first heading")
    .option("--no-code", "leave out the code")
    .option("--static", "pictures instead of live views: nothing of the notebook runs in the page")
    .action(async (notebook: string, { output, title, code, static: still }: ExportFlags) => {
      const options = {
        ...(output !== undefined && { out: output }),
        ...(title !== undefined && { title }),
        code,
        live: !still,
      };
      tell(await exportNotebook(notebook, options));
    });
}

function tell({ out, bytes, live, absent }: ExportReport): void {
  const parts = [
    size(bytes),
    live.views > 0 && counted(live.views, "live view"),
    live.figures > 0 && counted(live.figures, "live figure"),
  ];
  console.log(`The page: ${out} (${parts.filter(Boolean).join(", ")})`);
  if (live.still > 0)
    console.log(
      `${counted(live.still, "widget")} shown as ${live.still === 1 ? "a picture" : "pictures"}: only widgets in anywidget's form, with their state in the notebook, live without a kernel. gradbook run saves the states.`,
    );
  if (absent.length > 0)
    console.log(
      `${counted(absent.length, "picture")} only linked, because a page holds none but those beside its notebook: ${absent.join(", ")}`,
    );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
