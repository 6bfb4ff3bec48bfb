import type { Comm, CommMessage, CommOptions } from "../comm/contract.ts";
import { offered } from "../comm/in-cell.ts";
import { pack, unpack } from "./buffers.ts";
import type { HostedWidget } from "./contract.ts";
import { widgetProtocol, widgetTarget } from "./host.ts";

/** How long changes may be held back by code that lets nothing else run, in milliseconds. */
const longestHold = 50;

/** What a model needs of the widget it stands for. */
export interface ModelOwner extends HostedWidget {
  /** What error messages call it. */
  readonly name: string;
  /** The values of the given names. */
  values(names: Iterable<string>): Record<string, unknown>;
  /** The page has set these values. */
  receive(values: Record<string, unknown>): unknown;
  /** The page has sent a message of the widget's own. */
  message(content: unknown, buffers: readonly DataView[]): unknown;
}

/** A widget's connection to its model in the page: the protocol `jupyter.widget`. Outside of a notebook it is inert. */
export class WidgetModel {
  readonly #owner: ModelOwner;
  #comm: Comm | undefined;
  #closed = false;
  readonly #dirty = new Set<string>();
  #scheduled = false;
  #heldSince = 0;

  constructor(owner: ModelOwner) {
    this.#owner = owner;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The model's id; asked for the first time, it makes the model. Nothing outside of a notebook and once closed. */
  get id(): string | undefined {
    return this.#opened()?.id;
  }

  /** Brings these values to the page at the end of what is running now, all that have changed in one message. */
  changed(names: Iterable<string>): void {
    if (!this.#comm) return;
    for (const name of names) this.#dirty.add(name);
    if (this.#dirty.size === 0) return;
    if (this.#scheduled) {
      // A loop that never yields lets no microtask run: whether an update is due is looked at right here.
      if (performance.now() - this.#heldSince >= longestHold) this.#flush();
      return;
    }
    this.#scheduled = true;
    this.#heldSince = performance.now();
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Sends a message of the widget's own, after the changes made before it. */
  custom(content: unknown, buffers: NonNullable<CommOptions["buffers"]>): void {
    if (!this.#opened()) return;
    this.#flush();
    this.#comm?.send({ method: "custom", content }, { buffers });
  }

  close(): void {
    this.#flush();
    this.#closed = true;
    this.#comm?.close();
    this.#forget();
  }

  #opened(): Comm | undefined {
    const offer = this.#closed ? undefined : offered();
    if (this.#comm || !offer) return this.#comm;
    const { state, buffer_paths, buffers } = pack(this.#owner.fullState(), this.#owner.name);
    const comm = offer.comms.open(
      widgetTarget,
      { state, buffer_paths },
      { metadata: { version: widgetProtocol }, buffers },
    );
    // The comm must not keep alive a widget that nobody shows and no variable holds.
    const self = new WeakRef(this);
    comm.onMessage((message) => self.deref()?.receive(message));
    comm.onClose(() => self.deref()?.closedByPage());
    offer.widgets.add(this.#owner, comm);
    this.#comm = comm;
    return comm;
  }

  /** The page has closed its end. */
  closedByPage(): void {
    this.#closed = true;
    this.#forget();
  }

  #forget(): void {
    const comm = this.#comm;
    this.#comm = undefined;
    this.#dirty.clear();
    if (comm) offered()?.widgets.delete(this.#owner, comm);
  }

  #flush(): void {
    if (!this.#comm || this.#dirty.size === 0) return;
    const values = this.#owner.values(this.#dirty);
    this.#dirty.clear();
    this.#heldSince = performance.now();
    this.#send("update", values);
  }

  #send(method: "update" | "echo_update", values: Record<string, unknown>): void {
    const { state, buffer_paths, buffers } = pack(values, this.#owner.name);
    this.#comm?.send({ method, state, buffer_paths }, { buffers });
  }

  /** Takes a message of the page. */
  receive({ data, buffers }: CommMessage): unknown {
    const { method, state, buffer_paths = [], content } = (data ?? {}) as Record<string, unknown>;
    switch (method) {
      case "update":
        return this.#update(state, buffer_paths, buffers);
      case "request_state":
        this.#dirty.clear();
        return this.#send("update", this.#owner.fullState());
      case "custom":
        return this.#owner.message(content, buffers);
      default:
        throw new TypeError(
          `${this.#owner.name}: the page asks for ${JSON.stringify(method) ?? "nothing"}, expected "update", "request_state" or "custom".`,
        );
    }
  }

  #update(state: unknown, bufferPaths: unknown, buffers: readonly DataView[]): unknown {
    if (typeof state !== "object" || state === null || Array.isArray(state))
      throw new TypeError(`${this.#owner.name}: state is ${JSON.stringify(state)}, expected an object.`);
    unpack(state, bufferPaths, buffers);
    const known = this.#owner.values(Object.keys(state));
    const values = Object.fromEntries(Object.entries(state).filter(([name]) => Object.hasOwn(known, name)));
    // Other clients learn of it, and the one that has set it that it has arrived.
    if (echoes() && Object.keys(values).length > 0) this.#send("echo_update", values);
    return this.#owner.receive(values);
  }
}

/** As in ipywidgets, JUPYTER_WIDGETS_ECHO=0 turns it off. */
function echoes(): boolean {
  return !/^(0|0\.0|no|n|false|off)$/i.test(process.env.JUPYTER_WIDGETS_ECHO ?? "");
}
