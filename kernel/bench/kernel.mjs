// The kernel beside ipykernel and tslab, in turns, in one run and through the same client: `npm run bench -- kernel`.
// Prints a Markdown table; `--json FILE` writes the figures, `--quick` takes a few of everything.
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isUsable, snapshotFile } from "../dist/session/snapshot.js";
import { MeasuredKernel } from "./client.mjs";
import { installedPeers } from "./peers.mjs";

const { values: options } = parseArgs({ options: { json: { type: "string" }, quick: { type: "boolean" } } });
const rounds = options.quick ? 2 : 7;
const cells = options.quick ? 40 : 200;
const series = options.quick ? 1 : 3;
const megabytes = options.quick ? 5 : 50;
const restSeconds = options.quick ? 2 : 10;

if (process.platform !== "linux") {
  console.error(
    "bench kernel: this system has no /proc, which the figures of memory and rest are read from. Use Linux.",
  );
  process.exit(1);
}

// The cells of a benchmark do not belong into anybody's history.
process.env.GRADBOOK_HISTORY = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
// The first start of an installation builds this in the background; what is measured are the starts after it.
const snapshot = snapshotFile();
const builder = fileURLToPath(new URL("../dist/session/build-snapshot.js", import.meta.url));
if (snapshot && !isUsable(snapshot)) spawnSync(process.execPath, [builder, snapshot], { stdio: "inherit" });

const peers = installedPeers();
const results = Object.fromEntries(
  peers.map(({ name, version }) => [name, { version, start: [], firstCell: [], cell: [] }]),
);
const load = [loadavg()[0]];

/** Takes a measure of one kernel after the other, so that none has the machine's quiet time for itself. */
async function inTurns(what, measure) {
  for (const peer of peers) {
    if (process.stderr.isTTY || process.env.CI) console.error(`… ${peer.name}: ${what}`);
    await measure(peer, results[peer.name]);
  }
}

async function started(peer) {
  const kernel = new MeasuredKernel();
  await kernel.start(peer);
  await kernel.request("shell", "kernel_info_request");
  return kernel;
}

for (let round = 0; round < rounds; round++)
  await inTurns("start", async (peer, result) => {
    const kernel = new MeasuredKernel();
    await kernel.start(peer);
    const { at } = await kernel.request("shell", "kernel_info_request");
    result.start.push(at - kernel.startedAt);
    await kernel.execute(peer.cells.trivial(0));
    result.firstCell.push(performance.now() - kernel.startedAt);
    await kernel.stop();
  });

const kernels = {};
await inTurns("warming up", async (peer) => {
  kernels[peer.name] = await started(peer);
  await kernels[peer.name].execute(peer.cells.trivial(0));
});

for (let round = 0; round < series; round++)
  await inTurns("cells", async (peer, result) => {
    for (let i = 1; i <= cells; i++)
      result.cell.push((await kernels[peer.name].execute(peer.cells.trivial(i))).milliseconds);
  });

await inTurns("kernel_info while busy", async ({ name, cells }, result) => {
  const kernel = kernels[name];
  for (const channel of ["shell", "control"]) {
    const cell = kernel.execute(cells.busy(1500));
    await sleep(300);
    const answer = await kernel.request(channel, "kernel_info_request", {}, 10);
    await cell;
    // What comes after the cell's end is no answer while it runs.
    result[`busy ${channel}`] = answer && answer.milliseconds < 1000 ? answer.milliseconds : null;
  }
});

/** Runs a cell that prints, and starts a kernel anew that does not live through it. */
async function printed(peer, code, sent) {
  const run = await kernels[peer.name].execute(code);
  if (run) return { arrived: run.text.length, lines: run.text.split("\n").length - 1, sent, milliseconds: run.whole };
  await restart(peer);
  return null;
}

async function restart(peer) {
  await kernels[peer.name].stop();
  kernels[peer.name] = await started(peer);
}

await inTurns("5,000 lines", async (peer, result) => {
  result.lines = await printed(peer, peer.cells.lines(5000));
});

await inTurns(`${megabytes} MB of output`, async (peer, result) => {
  result.output = await printed(peer, peer.cells.megabytes(megabytes), megabytes * 1e6);
});

await inTurns("rest", async ({ name }, result) => {
  // After a burst, V8 gives memory back for some seconds.
  await sleep(options.quick ? 1000 : 10_000);
  const before = kernels[name].processorTime();
  await sleep(restSeconds * 1000);
  result.rest = (kernels[name].processorTime() - before) / (restSeconds * 10);
  result.memory = kernels[name].memory();
  result.processes = kernels[name].processes().length;
});

await inTurns("interrupt", async ({ name, cells, interrupt }, result) => {
  result.interrupt = [];
  for (let round = 0; round < (options.quick ? 2 : 5); round++) {
    let asked;
    const cell = kernels[name].execute(cells.endless, 5).then((run) => asked !== undefined && run);
    await sleep(300);
    asked = performance.now();
    await interrupt(kernels[name]);
    if (!(await cell)) {
      result.interrupt = null;
      break;
    }
    result.interrupt.push(performance.now() - asked);
  }
});

await inTurns("crash", async (peer, result) => {
  if (result.interrupt === null) await restart(peer);
  const kernel = kernels[peer.name];
  await kernel.execute(peer.cells.trivial(0));
  const crashed = performance.now();
  const survived = await kernel.execute(peer.cells.crash, 4);
  const next = survived && (await kernel.execute("1 + 1", 10));
  result.crash = next ? performance.now() - crashed : null;
});

for (const kernel of Object.values(kernels)) await kernel.stop();
load.push(loadavg()[0]);

const ordered = (values) => [...values].sort((a, b) => a - b);
const quantile = (values, q) => ordered(values)[Math.min(values.length - 1, Math.floor(values.length * q))];
const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const median = (values) => ms(quantile(values, 0.5));
const busy = (value) => (value === null ? "no answer" : ms(value));

const rows = {
  "start to the first reply, median": ({ start }) => median(start),
  "start to the first cell's reply, median": ({ firstCell }) => median(firstCell),
  [`a trivial cell, median of ${series} × ${cells}`]: ({ cell }) => median(cell),
  "a trivial cell, 95th percentile": ({ cell }) => ms(quantile(cell, 0.95)),
  "kernel_info while busy, on shell": (result) => busy(result["busy shell"]),
  "kernel_info while busy, on control": (result) => busy(result["busy control"]),
  "interrupt of while (true) {}, to the reply": ({ interrupt }) => (interrupt ? median(interrupt) : "none within 5 s"),
  "5,000 printed lines: arrived, time": ({ lines }) =>
    lines ? `${lines.lines}, ${ms(lines.milliseconds)}` : "no reply within a minute",
  [`${megabytes} MB printed: arrived, time`]: ({ output }) =>
    output
      ? `${((100 * output.arrived) / output.sent).toFixed(output.arrived === output.sent ? 0 : 2)} %, ${(output.milliseconds / 1000).toFixed(2)} s`
      : "no reply within a minute",
  "processor time at rest": ({ rest }) => `${rest.toFixed(1)} %`,
  "memory after all that": ({ memory, processes }) =>
    `${memory.toFixed(0)} MB in ${processes} process${processes > 1 ? "es" : ""}`,
  "a crash, to the next cell's result": ({ crash }) => (crash === null ? "the kernel is gone" : ms(crash)),
};

const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version, load };
const names = peers.map(({ name, version }) => `${name} ${version}`);
console.log(`| | ${names.join(" | ")} |\n| --- |${" ---: |".repeat(names.length)}`);
for (const [row, shown] of Object.entries(rows))
  console.log(`| ${row} | ${peers.map(({ name }) => shown(results[name])).join(" | ")} |`);
console.log(
  `\n${machine.cores} cores of ${machine.processor}, Node ${machine.node}, load average ${load.map((value) => value.toFixed(1)).join(" before, ")} after.`,
);
if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
process.exit(0);
