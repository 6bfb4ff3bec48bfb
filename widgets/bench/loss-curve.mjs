// How long frames take while a loss curve grows: `npm run bench -- loss-curve`. In Chromium, with the built view and the
// messages that the kernel's half really sends: 10,000 steps of a training (loss, rate and gradient norm) come 60 times
// a second, first to an empty curve, then to one that has 10,000 already, then while the pointer moves over it.
// Prints a Markdown table; `--json FILE` writes the figures, `--points N` takes another number.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values: options } = parseArgs({ options: { json: { type: "string" }, points: { type: "string" } } });
const points = Number(options.points ?? 10_000);
const perSecond = 60;
const longest = 50;
const executablePath = "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  console.error(`bench loss-curve: ${executablePath} is missing. Install it: apt-get install chromium`);
  process.exit(1);
}

// In the kernel's place: what the curve would send.
let sent = [];
let state = {};
globalThis[Symbol.for("Jupyter.widget")] = (parts) => {
  state = { ...parts.state };
  return {
    closed: false,
    get: (name) => state[name],
    set: (values) => Object.assign(state, values),
    on: () => () => undefined,
    onMessage: () => () => undefined,
    send: (content, buffers) => sent.push({ content, buffers: buffers.map(({ buffer }) => base64(buffer)) }),
    [Symbol.for("Jupyter.display")]: () => ({}),
  };
};
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

const { displaySymbol, lossCurve } = await import("../dist/index.js");

/** The messages of so many steps, in as many as the page gets in the time. */
async function recorded(curve, from, messages) {
  sent = [];
  const each = points / messages;
  for (let message = 0; message < messages; message++) {
    for (let step = from + Math.floor(message * each) + 1; step <= from + Math.floor((message + 1) * each); step++) {
      const noise = 0.6 + 0.8 * (((step * 16_807) % 2_147_483_647) / 2_147_483_647);
      curve.add({
        step,
        epoch: Math.floor(step / 938),
        loss: (0.05 + 2 * Math.exp(-step / 2000)) * noise,
        rate: 0.1,
        gradNorm: noise,
      });
    }
    // The curve tells at most once a frame.
    await new Promise((resolve) => setTimeout(resolve, 17));
  }
  return sent;
}

const curve = lossCurve({ title: "10,000 points" });
await curve[displaySymbol]();
const first = JSON.parse(JSON.stringify(state));
const seconds = 10;
const halves = [];
for (const from of [0, points, 2 * points]) halves.push(await recorded(curve, from, seconds * perSecond));

const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const browser = await chromium.launch({ executablePath, args: flags.split(" ") });
const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
const built = (file) => readFileSync(new URL(`../dist/browser/${file}`, import.meta.url), "utf8");
await page.setContent(`<!doctype html><title>bench</title><style>${built("view.css")}</style><body></body>`);
await page.evaluate(
  async ({ module, state }) => {
    const listeners = new Map();
    const emit = (event, ...given) => (listeners.get(event) ?? []).map((listener) => listener(...given));
    const model = {
      get: (name) => state[name],
      set: (name, value) => {
        state[name] = value;
        emit(`change:${name}`);
      },
      save_changes: () => undefined,
      send: () => undefined,
      on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
      off: () => undefined,
    };
    const view = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
    view.default.initialize({ model });
    view.default.render({ model, el: document.body });
    const bytesOf = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    globalThis.play = (messages, perSecond) =>
      new Promise((done) => {
        const frames = [];
        let [at, last, began] = [0, performance.now(), performance.now()];
        const longTasks = [];
        const observer = new PerformanceObserver((list) =>
          longTasks.push(...list.getEntries().map(({ duration }) => duration)),
        );
        observer.observe({ type: "longtask" });
        const timer = setInterval(() => {
          const due = Math.min(messages.length, Math.floor(((performance.now() - began) / 1000) * perSecond));
          for (; at < due; at++) emit("msg:custom", messages[at].content, messages[at].buffers.map(bytesOf));
        }, 1000 / perSecond);
        const frame = (now) => {
          frames.push(now - last);
          last = now;
          if (at < messages.length) return requestAnimationFrame(frame);
          clearInterval(timer);
          observer.disconnect();
          done({ frames: frames.slice(1), longTasks });
        };
        requestAnimationFrame((now) => {
          began = performance.now();
          last = now;
          requestAnimationFrame(frame);
        });
      });
  },
  { module: built("loss-curve.js"), state: first },
);

// How long the page's thread was at work, in seconds: other work on the machine disturbs that little.
const session = await page.context().newCDPSession(page);
await session.send("Performance.enable", { timeDomain: "threadTicks" });
const working = async () => {
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return {
    task: of("TaskDuration"),
    script: of("ScriptDuration"),
    layout: of("LayoutDuration") + of("RecalcStyleDuration"),
  };
};

const rows = [];
const measure = async (what, messages, meanwhile) => {
  const before = await working();
  const playing = page.evaluate(([given, rate]) => globalThis.play(given, rate), [messages, perSecond]);
  let over = false;
  playing.finally(() => {
    over = true;
  });
  while (meanwhile && !over) await meanwhile();
  const { frames, longTasks } = await playing;
  const after = await working();
  const each = (name) => (1000 * (after[name] - before[name])) / frames.length;
  const sorted = frames.sort((a, b) => a - b);
  const at = (part) => sorted[Math.floor((sorted.length - 1) * part)];
  rows.push({
    what,
    frames: sorted.length,
    median: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    longest: at(1),
    over: sorted.filter((time) => time > longest).length,
    longTasks: longTasks.length,
    work: each("task"),
    script: each("script"),
    layout: each("layout"),
  });
};
await measure(`0 → ${points}`, halves[0]);
await measure(`${points} → ${2 * points}`, halves[1]);
let x = 100;
await measure(`${2 * points} → ${3 * points}, pointing`, halves[2], async () => {
  x = 100 + ((x + 7) % 900);
  await page.mouse.move(x, 250);
  await page.waitForTimeout(30);
});
await browser.close();

console.log(
  `| points | frames | median | p95 | p99 | longest | over ${longest} ms | long tasks | work a frame | of it script | layout |`,
);
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
const ms = (time) => `${time.toFixed(1)} ms`;
for (const { what, frames, median, p95, p99, longest, over, longTasks, work, script, layout } of rows)
  console.log(
    `| ${what} | ${frames} | ${ms(median)} | ${ms(p95)} | ${ms(p99)} | ${ms(longest)} | ${over} | ${longTasks} | ${ms(work)} | ${ms(script)} | ${ms(layout)} |`,
  );
const result = { points, perSecond, cpus: cpus().length, model: cpus()[0].model, load: loadavg()[0], rows };
if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
else console.log(JSON.stringify(result));
