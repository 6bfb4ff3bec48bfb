import type { Comm, CommMessage, Comms } from "../comm/contract.ts";
import type { Path } from "../comm/json.ts";
import { pack } from "./buffers.ts";
import type { HostedWidget, WidgetRegistry } from "./contract.ts";
import { callAll } from "./traits.ts";

/** The comm target at which models of widgets live. */
export const widgetTarget = "jupyter.widget";
/** The version of their protocol that goes with each. */
export const widgetProtocol = "2.1.0";

const controlTarget = "jupyter.widget.control";
const controlProtocol = "1.0.0";

/** All widgets of a runtime: a page that has been loaded anew asks for their states. */
export class WidgetHost implements WidgetRegistry {
  readonly #widgets = new Map<string, WeakRef<HostedWidget>>();
  /** A widget that is shown must answer its page, even where no cell has a variable for it. */
  readonly #shown = new Set<HostedWidget>();
  readonly #collected = new FinalizationRegistry<Comm>((comm) => {
    this.#widgets.delete(comm.id);
    comm.close();
  });

  constructor(comms: Comms) {
    comms.register(controlTarget, (comm, { metadata }) => {
      requireVersion(controlTarget, metadata.version, controlProtocol);
      comm.onMessage((message) => this.#control(comm, message));
    });
    comms.register(widgetTarget, () => {
      throw new Error(
        `${widgetTarget}: the page asked the kernel to make a widget, expected it to show those that cells make. Make it in a cell.`,
      );
    });
  }

  add(widget: HostedWidget, comm: Comm): void {
    this.#widgets.set(comm.id, new WeakRef(widget));
    this.#collected.register(widget, comm, comm);
  }

  delete(widget: HostedWidget, comm: Comm): void {
    this.#widgets.delete(comm.id);
    this.#collected.unregister(comm);
    this.#shown.delete(widget);
  }

  keep(widget: HostedWidget, shown: boolean): void {
    if (shown) this.#shown.add(widget);
    else this.#shown.delete(widget);
  }

  #control(comm: Comm, { data }: CommMessage): void {
    const method = (data as { method?: unknown } | null)?.method;
    if (method !== "request_states")
      throw new TypeError(`${controlTarget}: method is ${JSON.stringify(method)}, expected "request_states".`);
    const states: Record<string, unknown> = {};
    const buffer_paths: Path[] = [];
    const buffers: Uint8Array[] = [];
    const describe = (id: string, state: Record<string, unknown>) => {
      const { _model_name, _model_module, _model_module_version } = state;
      const packed = pack(state, id);
      states[id] = {
        model_name: _model_name,
        model_module: _model_module,
        model_module_version: _model_module_version,
        state: packed.state,
      };
      buffer_paths.push(...packed.buffer_paths.map((path) => [id, "state", ...path]));
      buffers.push(...packed.buffers);
    };
    const widgets = [...this.#widgets].flatMap(([id, reference]) => {
      const widget = reference.deref();
      return widget ? [() => describe(id, widget.fullState())] : [];
    });
    try {
      // One whose values have become what JSON cannot hold does not keep the others from the page.
      callAll(widgets);
    } finally {
      comm.send({ method: "update_states", states, buffer_paths }, { buffers });
    }
  }
}

function requireVersion(target: string, version: unknown, ours: string): void {
  const [major] = ours.split(".");
  if (typeof version === "string" && version.split(".")[0] === major) return;
  throw new Error(
    `${target}: the page speaks version ${JSON.stringify(version) ?? "(none)"}, expected ${major}.x. Update the page's widget manager.`,
  );
}
