import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { python, runPython } from "../run/debian-python.ts";
import { type JupyterHome, jupyterHome, programsThere } from "./jupyter-home.ts";
import { Terminal, tmux } from "./terminal.ts";

const warmUp = `
import glob, sys, time
from jupyter_client.blocking import BlockingKernelClient
while not (files := glob.glob(sys.argv[1] + "/kernel-*.json")): time.sleep(0.1)
client = BlockingKernelClient(connection_file=files[0])
time.sleep(0.2)
client.load_connection_file()
client.start_channels()
client.execute("0", silent=True, store_history=False, reply=True, timeout=60)
`;

const program = fileURLToPath(new URL("../python/console.py", import.meta.url));
const available = programsThere({
  "/usr/bin/jupyter-console": "jupyter-console",
  [tmux]: "tmux",
});

// The tests follow each other in one session, as a reader's cells do.
describe.skipIf(!available)("jupyter console", () => {
  let home: JupyterHome;
  let terminal: Terminal;
  beforeAll(async () => {
    home = await jupyterHome();
    // On a busy machine the answer to is_complete may take longer than the second that the console waits by default.
    const patience = "--ZMQTerminalInteractiveShell.kernel_is_complete_timeout=20";
    terminal = new Terminal(`${python} ${program} --kernel gradbook ${patience}`, {
      folder: home.folder,
      environment: home.environment,
    });
    // The console prints an exception of its own over the prompt when is_complete takes half a second, as the first
    // one may that comes while the kernel still loads its compiler, or any on a busy machine.
    terminal.answers.set(/Press ENTER to continue\.\.\.$/, "Enter");
    runPython(warmUp, home.environment.JUPYTER_RUNTIME_DIR!);
  });
  afterAll(async () => {
    terminal?.close();
    await home?.remove();
  });

  let failed = false;
  afterEach(({ task }) => {
    failed ||= task.result?.state === "fail";
  });

  let cell = 0;
  /** Waits for the prompt of the next cell. */
  const prompt = () => {
    if (failed) throw new Error("Nothing can be said of this: the session went wrong before.");
    return terminal.shows(`In [${++cell}]:`);
  };
  const enter = async (line: string) => {
    await prompt();
    terminal.type(line);
    terminal.press("Enter");
  };

  test("shows the kernel's banner", async () => {
    await terminal.shows(/Gradbook \d+\.\d+\.\d+: TypeScript on Node\.js/);
  });

  test("runs a cell and shows its result and its output", async () => {
    await enter(`console.log("printed"); 6 * 7`);
    const screen = await terminal.shows("Out[1]: 42");
    expect(screen).toMatch(/^printed$/m);
  });

  test("goes on to a second line while the code is incomplete", async () => {
    await enter("function twice(n: number) {");
    await terminal.shows("...:");
    terminal.type("return 2 * n;");
    // The kernel has said how far the line is indented.
    await terminal.shows("...:   return 2 * n;");
    terminal.press("Enter");
    await terminal.shows(/return 2 \* n;\n +\.\.\.:/);
    terminal.press("BSpace", "BSpace");
    terminal.type("}");
    terminal.press("Enter");
    await enter("twice(50)");
    await terminal.shows("Out[3]: 100");
  });

  test("completes by Tab", async () => {
    await prompt();
    terminal.type("const text = 'x'.toUpperC");
    terminal.press("Tab");
    await terminal.shows("'x'.toUpperCase");
    terminal.press("Escape");
    terminal.type("(); text");
    terminal.press("Enter");
    await terminal.shows("Out[4]: 'X'");
  });

  test("shows an error with its line", async () => {
    await enter("const wrong: number = 'text'");
    await terminal.shows("is not assignable to type 'number'");
    await enter(`throw new RangeError("planned")`);
    await terminal.shows("RangeError: planned");
  });

  test("interrupts by Ctrl-C, and keeps the variables", async () => {
    await enter(`console.log("in the loop"); while (true) {}`);
    await terminal.shows(/^in the loop$/m);
    terminal.press("C-c");
    await terminal.shows("KeyboardInterrupt");
    await enter("twice(51)");
    await terminal.shows("Out[8]: 102");
  });

  test("asks the reader what a cell asks", async () => {
    await enter(`const reader = prompt("Your name? ")`);
    await terminal.shows(/^Your name\?/m);
    terminal.type("Ada");
    terminal.press("Enter");
    await enter(`"Hello, " + reader`);
    await terminal.shows("Out[10]: 'Hello, Ada'");
  });

  test("leaves by Ctrl-D", async () => {
    await prompt();
    terminal.press("C-d");
    await terminal.shows("Do you really want to exit");
    terminal.press("y", "Enter");
    await terminal.ends();
  });
});
