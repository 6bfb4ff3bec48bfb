import { JupyterLab } from "@jupyterlab/application";
import { JupyterPluginRegistry, PageConfig } from "@jupyterlab/coreutils";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { IConnectionStatus, IServiceManager } from "@jupyterlab/services";
import { extensions, mimeExtensions } from "gradbook-plugins";
import { anywidget } from "./anywidget";
import { runEarlyCellsLater } from "./early-cells";
import { makeMetadataEditorsLate } from "./late-metadata";
import { plotly } from "./plotly";
import { writeDatesQuickly } from "./quick-dates";
import { settleDefaultsQuickly } from "./quick-settings";
import { lookOnceMore, restoreInTurn } from "./restoring";
import { keepSameView } from "./same-view";
import { saveWhatIsShown } from "./saving";
import { start } from "./start";

type Plugin = JupyterLab.IPluginInfo & { activate?: unknown };

/** The plugins of a package: one, or several, as the default export or as the module itself. */
function pluginsOf(module: { default?: unknown }): Plugin[] {
  const exported = module.default ?? module;
  return (Array.isArray(exported) ? exported : [exported]) as Plugin[];
}

// Those that speak to language servers need a part of JupyterLab that is not in this page: the kernel itself completes.
const isWanted = ({ id }: Plugin) => !PageConfig.Extension.isDisabled(id) && !id.endsWith(":language-server");

async function main(): Promise<void> {
  settleDefaultsQuickly();
  writeDatesQuickly();
  restoreInTurn();
  lookOnceMore();
  keepSameView();
  saveWhatIsShown();
  const available: JupyterLab.IPluginInfo[] = [];
  const taken = (modules: [string, { default?: unknown }][]) =>
    modules.flatMap(([extension, module]) =>
      pluginsOf(module).filter((plugin) => {
        const { id, description = "", requires = [], optional = [], provides = null, autoStart } = plugin;
        const enabled = isWanted(plugin);
        available.push({
          id,
          description,
          requires,
          optional,
          provides,
          autoStart: autoStart ?? false,
          enabled,
          extension,
        });
        return enabled;
      }),
    );
  const plugins = taken([...extensions, ["gradbook", { default: [anywidget, start] }]]);
  makeMetadataEditorsLate(plugins);
  runEarlyCellsLater(plugins);
  const mimes = taken([...mimeExtensions, ["gradbook", { default: plotly }]]);

  const pluginRegistry = new JupyterPluginRegistry();
  pluginRegistry.registerPlugins(plugins as never);
  const connectionStatus = await pluginRegistry.resolveOptionalService(IConnectionStatus);
  const serviceManager = await pluginRegistry.resolveRequiredService(IServiceManager);
  const lab = new JupyterLab({
    pluginRegistry,
    serviceManager,
    connectionStatus,
    mimeExtensions: mimes as unknown as IRenderMime.IExtensionModule[],
    disabled: { matches: [], patterns: PageConfig.Extension.disabled },
    deferred: { matches: [], patterns: [] },
    availablePlugins: available,
  } as never);
  if (PageConfig.getOption("exposeAppInBrowser") === "true") Object.assign(window, { jupyterapp: lab });
  void lab.start({ bubblingKeydown: true } as never);
  await lab.restored;
  document.body.dataset.restored = String(Math.round(performance.now()));
}

void main();
