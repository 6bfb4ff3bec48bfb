// A page with Jupyter's own widget manager and anywidget's own module; `toKernel` and `fromKernel` are its connection.
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import { Widget } from "@lumino/widgets";
import anywidget from "anywidget";

const asBase64 = (view) => {
  const bytes = new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
};
const asView = (text) => new DataView(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);

const comms = new Map();
const callbacksOf = new Map();

class PageComm {
  constructor(target, id) {
    this.target_name = target;
    this.comm_id = id;
    comms.set(id, this);
  }
  open(data, callbacks, metadata, buffers) {
    return this.post("comm_open", { target_name: this.target_name, data }, callbacks, metadata, buffers);
  }
  send(data, callbacks, metadata, buffers) {
    return this.post("comm_msg", { data }, callbacks, metadata, buffers);
  }
  close(data = {}, callbacks, metadata, buffers) {
    return this.post("comm_close", { data }, callbacks, metadata, buffers);
  }
  on_msg(callback) {
    this.message = callback;
  }
  on_close(callback) {
    this.closed = callback;
  }
  post(type, content, callbacks, metadata = {}, buffers = []) {
    const id = crypto.randomUUID?.() ?? String(Math.random());
    if (callbacks) callbacksOf.set(id, callbacks);
    toKernel({ id, type, content: { comm_id: this.comm_id, ...content }, metadata, buffers: buffers.map(asBase64) });
    return id;
  }
}

// Once: its models and views find each other inside.
const modules = { anywidget: anywidget(base), "@jupyter-widgets/base": base };

class Manager extends ManagerBase {
  async loadClass(name, module) {
    const found = modules[module]?.[name];
    if (!found) throw new Error(`no ${name} in ${module}`);
    return found;
  }
  async _create_comm(target, id, data, metadata, buffers) {
    const comm = new PageComm(target, id);
    if (data || metadata) comm.open(data ?? {}, undefined, metadata, buffers);
    return comm;
  }
  async _get_comm_info() {
    return {};
  }
}

const manager = new Manager();

globalThis.fromKernel = async ({ type, parent, content, metadata, buffers }) => {
  const message = {
    header: { msg_type: type },
    msg_type: type,
    parent_header: { msg_id: parent },
    content,
    metadata,
    buffers: buffers.map(asView),
  };
  if (type === "status") callbacksOf.get(parent)?.iopub?.status?.(message);
  if (type === "comm_open") await manager.handle_comm_open(new PageComm(content.target_name, content.comm_id), message);
  if (type === "comm_msg") await comms.get(content.comm_id)?.message?.(message);
  if (type === "comm_close") comms.get(content.comm_id)?.closed?.(message);
};
const shown = [];
globalThis.show = async (id) => {
  const view = await manager.create_view(await manager.get_model(id));
  Widget.attach(view.luminoWidget, document.body);
  shown.push(view.luminoWidget);
};
globalThis.clear = () => {
  for (const widget of shown.splice(0)) Widget.detach(widget);
};
// What a page that is loaded anew does.
globalThis.restore = () => manager._loadFromKernel();
// What a saved notebook keeps of a model, and what a page makes of that.
globalThis.saved = async (id) => {
  const { state, ...version } = await manager.get_state();
  return { ...version, state: { [id]: state[id] } };
};
globalThis.load = (saved) => manager.set_state(saved).then(() => undefined);
// What the page does when the kernel is restarted or dies.
globalThis.lost = () => manager.disconnect();
globalThis.knows = (id) => manager.has_model(id);
