import type { IFormRenderer, IFormRendererRegistry } from "@jupyterlab/ui-components";

type DrawField = Extract<NonNullable<IFormRenderer["fieldRenderer"]>, (...given: never[]) => unknown>;
type Activate = (
  app: unknown,
  tracker: unknown,
  editors: unknown,
  registry: IFormRendererRegistry,
  ...others: unknown[]
) => void;

const id = "@jupyterlab/notebook-extension:metadata-editor";
const fields = [`${id}.cell-metadata`, `${id}.notebook-metadata`];

/**
 * Has the editors of a notebook's and its cells' metadata made when their panel is opened. JupyterLab makes them, with a
 * document that several can edit, before anything is to be seen: a twentieth of the page's start.
 */
export function makeMetadataEditorsLate(plugins: readonly { id: string; activate?: unknown }[]): void {
  const plugin = plugins.find((plugin) => plugin.id === id);
  if (!plugin) return;
  const activate = plugin.activate as Activate;
  plugin.activate = ((app, tracker, editors, registry, ...others) => {
    let made: Map<string, IFormRenderer> | undefined;
    const draw = (field: string): DrawField => {
      if (!made) {
        const found = new Map<string, IFormRenderer>();
        const addRenderer = (field: string, renderer: IFormRenderer) => found.set(field, renderer);
        activate(app, tracker, editors, { addRenderer } as unknown as IFormRendererRegistry, ...others);
        made = found;
      }
      return made.get(field)!.fieldRenderer as DrawField;
    };
    for (const field of fields) registry.addRenderer(field, { fieldRenderer: (props) => draw(field)(props) });
  }) satisfies Activate;
}
