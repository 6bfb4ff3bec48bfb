// A small Jupyter client, the same for every kernel that is measured, and independent of the kernel's own code.
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Subscriber } from "zeromq";

const channels = ["shell", "control", "iopub", "stdin", "hb"];

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A kernel's process, and a client connected to it. */
export class MeasuredKernel {
  #key = randomUUID();
  #session = randomUUID();
  #folder = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
  #sockets = {
    shell: new Dealer({ linger: 0, reconnectInterval: 5, receiveHighWaterMark: 0 }),
    control: new Dealer({ linger: 0, reconnectInterval: 5, receiveHighWaterMark: 0 }),
    iopub: new Subscriber({ linger: 0, reconnectInterval: 5, receiveHighWaterMark: 0 }),
  };
  #last = { shell: Promise.resolve(), control: Promise.resolve() };
  #waiting = new Map();
  #cells = new Map();

  /** Starts the process; it has answered when the first request has. */
  async start({ argv, cwd }) {
    const ports = await freePorts(channels.length);
    const file = join(this.#folder, "kernel.json");
    const info = { transport: "tcp", ip: "127.0.0.1", key: this.#key, signature_scheme: "hmac-sha256" };
    for (const [i, channel] of channels.entries()) info[`${channel}_port`] = ports[i];
    writeFileSync(file, JSON.stringify(info));
    this.startedAt = performance.now();
    const [program, ...words] = argv(file);
    this.process = spawn(program, words, { cwd, stdio: "ignore", detached: true });
    this.exited = new Promise((resolve) => this.process.once("exit", resolve));
    for (const [name, socket] of Object.entries(this.#sockets)) {
      socket.connect(`tcp://127.0.0.1:${info[`${name}_port`]}`);
      if (name === "iopub") socket.subscribe("");
      void this.#receive(socket).catch(() => undefined);
    }
  }

  async #receive(socket) {
    for await (const frames of socket) {
      const now = performance.now();
      const at = frames.findIndex((frame) => frame.toString() === "<IDS|MSG>");
      const [header, parent, , content] = frames.slice(at + 2, at + 6);
      const id = JSON.parse(parent).msg_id;
      const cell = this.#cells.get(id);
      const { msg_type } = JSON.parse(header);
      if (socket !== this.#sockets.iopub) {
        this.#waiting.get(id)?.({ content: JSON.parse(content), at: now });
        this.#waiting.delete(id);
      } else if (cell) {
        const parsed = JSON.parse(content);
        if (msg_type === "stream") cell.text.push(parsed.text);
        if (msg_type === "status" && parsed.execution_state === "idle") cell.idle(now);
      }
    }
  }

  #send(channel, type, content) {
    const msg_id = randomUUID();
    const header = {
      msg_id,
      session: this.#session,
      username: "bench",
      date: new Date(),
      msg_type: type,
      version: "5.3",
    };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    const frames = ["<IDS|MSG>", hmac.digest("hex"), ...parts];
    this.#last[channel] = this.#last[channel].then(() => this.#sockets[channel].send(frames));
    return msg_id;
  }

  /** Milliseconds to the reply of a request, or undefined when it does not come in time. */
  async request(channel, type, content = {}, seconds = 60) {
    const started = performance.now();
    const reply = await this.#reply(this.#send(channel, type, content), seconds);
    return reply && { ...reply, milliseconds: reply.at - started };
  }

  #reply(id, seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
    });
  }

  /**
   * Runs a cell; resolves when it has replied and is idle, with what arrived of its output, or with nothing when it
   * does not reply in time.
   */
  async execute(code, seconds = 60) {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const started = performance.now();
    const id = this.#send("shell", "execute_request", content);
    const cell = { text: [] };
    const idle = new Promise((resolve) => {
      cell.idle = resolve;
    });
    this.#cells.set(id, cell);
    const reply = await this.#reply(id, seconds);
    // The message that says so may have been lost.
    const end = reply && ((await Promise.race([idle, sleep(2000)])) ?? reply.at);
    this.#cells.delete(id);
    return (
      reply && {
        content: reply.content,
        milliseconds: reply.at - started,
        whole: end - started,
        text: cell.text.join(""),
      }
    );
  }

  /** All processes of the kernel. */
  processes() {
    const parents = new Map();
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const parent = /\) \S (\d+)/.exec(read(`/proc/${pid}/stat`))?.[1];
      parents.set(Number(pid), Number(parent));
    }
    const below = (pid) => [
      pid,
      ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
    ];
    return below(this.process.pid);
  }

  /** Processor time of all its processes so far, in milliseconds. */
  processorTime() {
    return this.processes().reduce((sum, pid) => {
      const fields = read(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
      return sum + 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
    }, 0);
  }

  /** Memory of all its processes, what is shared divided among those who share it, in MB. */
  memory() {
    return this.processes().reduce(
      (sum, pid) => sum + Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024,
      0,
    );
  }

  async stop() {
    const pids = this.processes();
    this.#send("control", "shutdown_request", { restart: false });
    const timer = setTimeout(() => {
      for (const pid of pids) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has gone by itself.
        }
      }
    }, 3000);
    await this.exited;
    clearTimeout(timer);
    for (const socket of Object.values(this.#sockets)) socket.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
