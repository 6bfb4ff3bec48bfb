import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CodeCell, JsonObject } from "../../src/run/notebook.ts";
import { readNotebook } from "../../src/run/notebook-file.ts";
import { runNotebook } from "../../src/run/run-notebook.ts";
import { WIDGETS_MIME, WidgetStates } from "../../src/run/widget-states.ts";
import { newMessage } from "../../src/wire/index.ts";
import { pythonHas, runPython } from "./debian-python.ts";
import { newFolder, notebookJson } from "./scripted.ts";

const message = (type: string, content: object, buffers: Uint8Array[] = []) =>
  newMessage(type, content, "kernel", { buffers }) as Parameters<WidgetStates["receive"]>[0];
const open = (comm_id: string, state: object, buffer_paths: unknown[] = [], buffers: Uint8Array[] = []) =>
  message("comm_open", { comm_id, target_name: "jupyter.widget", data: { state, buffer_paths } }, buffers);
const update = (comm_id: string, state: object, buffer_paths: unknown[] = [], buffers: Uint8Array[] = []) =>
  message("comm_msg", { comm_id, data: { method: "update", state, buffer_paths } }, buffers);
const states = (widgets: WidgetStates) => (widgets.toMetadata()![WIDGETS_MIME] as JsonObject).state as JsonObject;

describe("the widgets of a run", () => {
  it("are none when there were none, or only comms for something else", () => {
    const widgets = new WidgetStates();
    widgets.receive(message("comm_open", { comm_id: "a", target_name: "other", data: { state: {} } }));
    widgets.receive(message("comm_msg", { comm_id: "b", data: { method: "update", state: {} } }));
    widgets.receive(message("comm_msg", {}));
    expect(widgets.toMetadata()).toBeUndefined();
  });

  it("have the state they had last, and are gone when they were closed", () => {
    const widgets = new WidgetStates();
    const model = { _model_name: "SliderModel", _model_module: "controls", _model_module_version: "2" };
    widgets.receive(open("a", { ...model, value: 1, max: 5 }));
    widgets.receive(open("b", model));
    widgets.receive(update("a", { value: 3 }));
    widgets.receive(message("comm_close", { comm_id: "b" }));
    expect(states(widgets)).toEqual({
      a: {
        model_name: "SliderModel",
        model_module: "controls",
        model_module_version: "2",
        state: { ...model, value: 3, max: 5 },
      },
    });
  });

  it("have their binary parts in base64 by path, until the value is sent anew", () => {
    const widgets = new WidgetStates();
    widgets.receive(open("a", { points: {} }, [["points", "x"]], [Uint8Array.of(0, 1, 255)]));
    widgets.receive(update("a", {}, [["image"]], [Uint8Array.of(7)]));
    expect(states(widgets).a).toMatchObject({
      buffers: [
        { data: "AAH/", encoding: "base64", path: ["points", "x"] },
        { data: "Bw==", encoding: "base64", path: ["image"] },
      ],
    });
    widgets.receive(update("a", { points: null }));
    expect(states(widgets).a).toMatchObject({ buffers: [{ path: ["image"] }] });
  });
});

const PYTHON_CELLS = [
  `from ipykernel.comm import Comm
model = {"_model_name": "ImageModel", "_model_module": "@jupyter-widgets/controls", "_model_module_version": "2.0.0"}
image = Comm(target_name="jupyter.widget", comm_id="image", metadata={"version": "2.1.0"},
    data={"state": {**model, "width": "1"}, "buffer_paths": [["value"]]}, buffers=[bytes([0, 1, 255])])
image.send({"method": "update", "state": {"width": "2"}, "buffer_paths": []})
other = Comm(target_name="something.else", data={})`,
  `import sys
seen = []
output = Comm(target_name="jupyter.widget", comm_id="output",
    data={"state": {"_model_name": "OutputModel", "outputs": [], "msg_id": ""}, "buffer_paths": []})
output.on_msg(lambda message: seen.append(message["content"]["data"]["state"]["outputs"]))
def capture(id):
    sys.stdout.flush()
    output.send({"method": "update", "state": {"msg_id": id}, "buffer_paths": []})
capture(get_ipython().kernel.get_parent()["header"]["msg_id"])
print("captured")
capture("")
print("shown")`,
  "print(seen[-1][0]['text'])",
];

describe.runIf(pythonHas("ipykernel", "python3-ipykernel") && pythonHas("nbformat", "python3-nbformat"))(
  "the widgets of a Python notebook",
  () => {
    it("are saved with it, and it stays valid by Jupyter's own validator", async () => {
      const path = join(newFolder(), "notebook.ipynb");
      writeFileSync(path, notebookJson("python3", PYTHON_CELLS));
      const { out, status, cells: reports } = await runNotebook(path);
      expect(reports.map(({ error }) => error?.evalue)).toEqual([undefined, undefined, undefined]);
      expect(status).toBe("ok");
      const { cells, metadata } = await readNotebook(out);
      const saved = (metadata.widgets as JsonObject)[WIDGETS_MIME] as JsonObject;
      expect(saved).toMatchObject({
        version_major: 2,
        version_minor: 0,
        state: {
          image: {
            model_name: "ImageModel",
            state: { width: "2" },
            buffers: [{ data: "AAH/", encoding: "base64", path: ["value"] }],
          },
          output: { state: { outputs: [{ output_type: "stream", name: "stdout", text: "captured\n" }] } },
        },
      });
      expect((cells as CodeCell[]).map(({ outputs }) => outputs)).toMatchObject([
        [],
        [{ text: "shown\n" }],
        [{ text: "captured\n\n" }],
      ]);
      const program =
        "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT))";
      expect(runPython(program, out)).toBe("");
      // What another run shows is not what an earlier one did.
      writeFileSync(path, notebookJson("python3", ["1"]));
      expect((await readNotebook((await runNotebook(path)).out)).metadata).not.toHaveProperty("widgets");
    });
  },
);
