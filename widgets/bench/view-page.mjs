// A page in Chromium with one built view, and a kernel's half that keeps what it would send: what the benchmarks share.
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";
// Without a graphics card, as on most servers.
const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Makes widgets of this process live. @returns their state, once a widget was displayed */
export function keepState() {
  const kept = { state: {} };
  globalThis[Symbol.for("Jupyter.widget")] = (parts) => {
    kept.state = { ...parts.state };
    return {
      closed: false,
      get: (name) => kept.state[name],
      set: (values) => Object.assign(kept.state, values),
      on: () => () => undefined,
      onMessage: () => () => undefined,
      send: () => undefined,
      [Symbol.for("Jupyter.display")]: () => ({}),
    };
  };
  return kept;
}

/** Typed arrays as text, however deep. */
function packed(value) {
  if (ArrayBuffer.isView(value))
    return { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, packed(inner)]));
}

/** Opens a page that shows a view with a state; `model` in the page is its end. */
export async function openView(view, state, viewport) {
  if (!existsSync(executablePath)) {
    console.error(`bench ${view}: ${executablePath} is missing. Install it: apt-get install chromium`);
    process.exit(1);
  }
  const browser = await chromium.launch({ executablePath, args: flags.split(" ") });
  const page = await browser.newPage({ viewport });
  const built = (file) => readFileSync(new URL(`../dist/browser/${file}`, import.meta.url), "utf8");
  await page.setContent(`<!doctype html><title>bench</title><style>${built("view.css")}</style><body></body>`);
  await page.evaluate(
    async ({ module, state }) => {
      const unpacked = (value) => {
        if (typeof value !== "object" || value === null) return value;
        if (Array.isArray(value)) return value.map(unpacked);
        if (typeof value.base64 === "string")
          return new DataView(Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0)).buffer);
        return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, unpacked(inner)]));
      };
      const values = unpacked(state);
      const listeners = new Map();
      globalThis.model = {
        get: (name) => values[name],
        set: (name, value) => {
          values[name] = value;
          for (const listener of listeners.get(`change:${name}`) ?? []) listener();
        },
        save_changes: () => undefined,
        send: () => undefined,
        on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
        off: () => undefined,
      };
      const { default: view } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
      view.initialize?.({ model: globalThis.model });
      view.render({ model: globalThis.model, el: document.body });
    },
    { module: built(`${view}.js`), state: packed(state) },
  );
  return { browser, page };
}

/** Times between frames in milliseconds while something is done, and how long the page's thread worked for each. */
export async function framesDuring(page, work) {
  const session = await page.context().newCDPSession(page);
  // Of the thread alone: other work on the machine disturbs that little.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value;
  };
  await page.evaluate(() => {
    globalThis.frames_ = [];
    let last = performance.now();
    globalThis.counting = true;
    const frame = (now) => {
      globalThis.frames_.push(now - last);
      last = now;
      if (globalThis.counting) requestAnimationFrame(frame);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(frame);
    });
  });
  const before = await worked();
  await work();
  const after = await worked();
  const frames = await page.evaluate(() => {
    globalThis.counting = false;
    return globalThis.frames_;
  });
  await session.detach();
  const total = frames.reduce((sum, time) => sum + time, 0);
  const sorted = [...frames].sort((a, b) => a - b);
  return {
    frames: frames.length,
    perSecond: (1000 * frames.length) / total,
    median: sorted[Math.floor(sorted.length / 2)],
    p95: sorted[Math.floor(sorted.length * 0.95)],
    worst: sorted.at(-1),
    work: (1000 * (after - before)) / frames.length,
  };
}

/** The machine, and how busy it was with other things. */
export function machine() {
  return { cpus: cpus().length, model: cpus()[0].model, load: loadavg()[0] };
}
