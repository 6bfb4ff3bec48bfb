// From the command to a page that can be used, on the second start: `npm run bench -- lab`. Prints a Markdown table;
// `--json FILE` writes the figures, `--quick` takes one of everything.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values: options } = parseArgs({ options: { json: { type: "string" }, quick: { type: "boolean" } } });
const rounds = options.quick ? 1 : 5;
const project = fileURLToPath(new URL("../../", import.meta.url));
const executablePath = "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  console.error(`bench lab: ${executablePath} is missing. Install it: apt-get install chromium`);
  process.exit(1);
}
const args =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split(
    " ",
  );

const scratch = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
// The same port each time, as browsers keep files by the address.
const port = await new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Runs `npm start`, and tells when the address is printed. */
async function start() {
  const startedAt = performance.now();
  const child = spawn("npm", ["start", "--", "--no-browser", "--port", String(port)], {
    cwd: project,
    // The arrangement of the reader's own page stays as it is.
    env: { ...process.env, JUPYTER_CONFIG_DIR: join(scratch, "settings") },
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, of which npm is only the first process.
    detached: true,
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  let printed = "";
  const address = await new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`npm start ended:\n${printed}`)));
    child.stdout.on("data", (text) => {
      printed += text;
      const found = /http:\S+\?token=\S+/.exec(printed);
      if (found) resolve(found[0]);
    });
  });
  const stop = async () => {
    process.kill(-child.pid, "SIGTERM");
    await ended;
  };
  return { address, startedAt, told: performance.now() - startedAt, stop };
}

/** Opens the address as a reader would, until the card of the first notebook can be clicked. */
async function visit(context, address) {
  const page = await context.newPage();
  // Seen by the page itself, at each frame: the browser's driver looks twice a second.
  await page.addInitScript(() => {
    const look = () => {
      const card = document.querySelector('.jp-LauncherCard[data-category="Gradbook"]');
      if (card?.getBoundingClientRect().width > 0) globalThis.usable = performance.timeOrigin + performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForFunction(() => globalThis.usable && document.body.dataset.restored, { timeout: 120_000 });
  const { usable, ...figures } = await page.evaluate(() => {
    const files = performance.getEntriesByType("resource");
    return {
      usable: globalThis.usable,
      restored: Number(document.body.dataset.restored),
      requests: files.length,
      scripts: files
        .filter(({ initiatorType }) => initiatorType === "script")
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    };
  });
  await page.close();
  return { at: usable - performance.timeOrigin, ...figures };
}

const running = await chromium.launch({ executablePath, args });
const profile = join(scratch, "profile");
const ways = {
  "in a browser that runs, with an empty cache": async () => {
    const context = await running.newContext();
    return { context, close: () => context.close() };
  },
  "in a browser that is started, with an empty cache": async () => {
    const browser = await chromium.launch({ executablePath, args });
    return { context: await browser.newContext(), close: () => browser.close() };
  },
  "in a browser that is started, and has been here before": async () => {
    const context = await chromium.launchPersistentContext(profile, { executablePath, args });
    return { context, close: () => context.close() };
  },
};

const results = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
const load = [loadavg()[0]];
// What is measured is the second start, and those after it. V8 keeps compiled scripts from a page's third visit on.
for (let visits = 0; visits < 3; visits++) {
  const { address, stop } = await start();
  const { context, close } = await ways["in a browser that is started, and has been here before"]();
  await visit(context, address);
  await close();
  await stop();
}
for (let round = 0; round < rounds; round++)
  for (const [way, open] of Object.entries(ways)) {
    const { address, startedAt, told, stop } = await start();
    const { context, close } = await open();
    const { at, ...figures } = await visit(context, address);
    await close();
    await stop();
    results[way].push({ told, usable: at - startedAt, ...figures });
  }
load.push(loadavg()[0]);
await running.close();
rmSync(scratch, { recursive: true, force: true });

const ordered = (values) => [...values].sort((a, b) => a - b);
const row = (what, limit, values) => {
  const times = ordered(values).map((ms) => `${(ms / 1000).toFixed(2)} s`);
  console.log(`| ${what} | ${limit} | ${times[0]} | ${times[Math.floor(times.length / 2)]} |`);
};
console.log("| the second start | wanted | best | median |\n| --- | ---: | ---: | ---: |");
const every = Object.values(results).flat();
row(
  "command to address",
  "",
  every.map(({ told }) => told),
);
for (const [way, runs] of Object.entries(results)) {
  row(
    `command to usable page ${way}`,
    "≤ 5 s",
    runs.map(({ usable }) => usable),
  );
  row(
    `page restored ${way}`,
    "≤ 3 s",
    runs.map(({ restored }) => restored),
  );
}
const [{ requests, scripts }] = every;
console.log(
  `| scripts until then, compressed | ≤ 2.5 MB | ${(scripts / 1e6).toFixed(2)} MB | in ${requests} requests |`,
);
const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.version, load };
console.log(
  `\n${machine.cores} cores of ${machine.processor}, Node ${machine.node}, load average ${load.map((value) => value.toFixed(1)).join(" before, ")} after.`,
);
if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
process.exit(0);
