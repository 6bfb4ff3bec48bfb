import { ILabShell, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { ILauncher } from "@jupyterlab/launcher";
import { ServerConnection } from "@jupyterlab/services";
import { LabIcon } from "@jupyterlab/ui-components";
import { Widget } from "@lumino/widgets";
import logo from "../../src/install/logo/logo-svg.svg";
import "./start.css";

interface ListedNotebook {
  path: string;
  title: string;
  summary: string;
}

const category = "Gradbook";
const command = "gradbook:open";

/** The launcher is the start page: its first section lists the notebooks of the folder, with what each is about. */
export const start: JupyterFrontEndPlugin<void> = {
  id: "gradbook:start",
  description: "Lists the notebooks of the folder in the launcher.",
  autoStart: true,
  requires: [ILauncher, ILabShell],
  activate: async (app: JupyterFrontEnd, launcher: ILauncher, shell: ILabShell) => {
    // The file browser would do so a second later, when the page's arrangement has been saved again.
    void app.restored.then(() => {
      if (shell.isEmpty("main") && PageConfig.getOption("treePath") === "")
        void app.commands.execute("launcher:create");
    });
    const icon = new LabIcon({ name: "gradbook:logo", svgstr: logo });
    const corner = new Widget();
    corner.id = "jp-MainLogo";
    icon.element({
      container: corner.node,
      elementPosition: "center",
      margin: "2px 6px",
      height: "auto",
      width: "20px",
    });
    app.shell.add(corner, "top", { rank: 0 });
    app.commands.addCommand(command, {
      label: ({ title }) => String(title),
      caption: ({ summary }) => String(summary),
      icon,
      execute: ({ path }) => app.commands.execute("docmanager:open", { path: String(path) }),
    });
    const { serverSettings } = app.serviceManager;
    const address = URLExt.join(serverSettings.baseUrl, "lab/api/notebooks");
    const response = await ServerConnection.makeRequest(address, {}, serverSettings);
    if (!response.ok) return;
    const notebooks = (await response.json()) as ListedNotebook[];
    notebooks.forEach((args, rank) => {
      launcher.add({ command, args: { ...args }, category, rank });
    });
  },
};
