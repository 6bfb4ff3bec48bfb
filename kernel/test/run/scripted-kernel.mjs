// A kernel without a language: the code of a cell is a JSON list of steps, so that a test decides what a client meets.
// It signs and frames by itself, so it also checks the client's wire format. Usage: node scripted-kernel.mjs CONNECTION_FILE
import { createHmac, randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Publisher, Reply, Router } from "zeromq";

const connection = JSON.parse(readFileSync(process.argv[2], "utf8"));
const address = (channel) => `tcp://127.0.0.1:${connection[`${channel}_port`]}`;
const [shell, control, stdin] = [new Router(), new Router(), new Router()];
const iopub = new Publisher({ sendHighWaterMark: 0 });
const heartbeat = new Reply();
const session = randomUUID();
let count = 0;
let interruption = new AbortController();

if (process.env.STARTS_FILE) appendFileSync(process.env.STARTS_FILE, `${process.pid}\n`);

const sign = (parts) => {
  const hmac = createHmac("sha256", connection.key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
};
const sending = new Map();
function send(socket, identities, type, parent, content) {
  const header = {
    msg_id: randomUUID(),
    session,
    username: "k",
    date: new Date().toISOString(),
    msg_type: type,
    version: "5.4",
  };
  const parts = [header, parent, {}, content].map((part) => JSON.stringify(part));
  const frames = [...identities, "<IDS|MSG>", sign(parts), ...parts];
  sending.set(
    socket,
    (sending.get(socket) ?? Promise.resolve()).then(() => socket.send(frames)),
  );
  return sending.get(socket);
}
let publishing = false;
const publish = (type, parent, content) => publishing && send(iopub, [type], type, parent, content);

function parse(frames) {
  const at = frames.findIndex((frame) => frame.toString() === "<IDS|MSG>");
  const parts = frames.slice(at + 2, at + 6).map(String);
  if (frames[at + 1].toString() !== sign(parts)) process.exit(70);
  const [header, , metadata, content] = parts.map((part) => JSON.parse(part));
  return { identities: frames.slice(0, at), header, metadata, content };
}

let answered = () => {};
const state = { deaf: false, idle: true };
async function step(request, [verb, ...words]) {
  const { header, identities } = request;
  switch (verb) {
    case "print":
      return publish("stream", header, { name: "stdout", text: words[0] });
    case "publish":
      return publish(words[0], header, words[1]);
    case "later":
      setTimeout(() => publish(words[1], header, words[2]), words[0]);
      return;
    case "sleep":
      return delay(words[0], undefined, { signal: interruption.signal });
    case "flood":
      for (const text of Array(words[0]).fill("spam ")) publish("stream", header, { name: "stdout", text });
      return sending.get(iopub);
    case "note pid":
      return writeFileSync(words[0], String(process.pid));
    case "count": {
      const before = existsSync(words[0]) ? Number(readFileSync(words[0], "utf8")) : 0;
      writeFileSync(words[0], String(before + 1));
      return publish("stream", header, { name: "stdout", text: String(before + 1) });
    }
    case "touch":
      return writeFileSync(words[0], "");
    case "wait for":
      while (!existsSync(words[0])) await delay(20);
      return;
    case "fail if there":
      if (existsSync(words[0])) throw Object.assign(new Error("there"), { name: "Failure" });
      return;
    case "die":
      process.stderr.write("out of luck\n");
      return process.exit(words[0]);
    case "fail":
      throw Object.assign(new Error(words[0]), { name: "Failure" });
    case "deaf":
      state.deaf = true;
      return;
    case "never idle":
      state.idle = false;
      return;
    case "metadata":
      return publish("stream", header, { name: "stdout", text: JSON.stringify(request.metadata) });
    case "ask": {
      const answer = new Promise((resolve) => {
        answered = resolve;
      });
      await send(stdin, identities, "input_request", header, { prompt: words[0], password: false });
      return publish("stream", header, { name: "stdout", text: await answer });
    }
  }
}

async function execute(request) {
  const { header, identities, content } = request;
  const execution_count = ++count;
  Object.assign(state, { deaf: false, idle: true });
  interruption = new AbortController();
  await publish("execute_input", header, { code: content.code, execution_count });
  try {
    for (const words of JSON.parse(content.code)) await step(request, words);
    await send(shell, identities, "execute_reply", header, {
      status: "ok",
      execution_count,
      user_expressions: {},
      payload: [],
    });
  } catch (error) {
    const ename = error.name === "AbortError" ? "KeyboardInterrupt" : error.name;
    const failure = { ename, evalue: error.message, traceback: [`\x1b[31m${ename}\x1b[0m: ${error.message}`] };
    await publish("error", header, failure);
    await send(shell, identities, "execute_reply", header, { status: "error", execution_count, ...failure });
  }
}

async function serve(socket) {
  for await (const frames of socket) {
    const request = parse(frames);
    const { header, identities } = request;
    await publish("status", header, { execution_state: "busy" });
    if (header.msg_type === "execute_request") await execute(request);
    if (header.msg_type === "kernel_info_request")
      await send(socket, identities, "kernel_info_reply", header, {
        status: "ok",
        protocol_version: "5.4",
        implementation: "scripted",
        language_info: { name: "steps", version: "1", mimetype: "application/json", file_extension: ".json" },
      });
    if (header.msg_type === "interrupt_request") {
      if (!state.deaf) interruption.abort();
      await send(socket, identities, "interrupt_reply", header, { status: "ok" });
    }
    if (header.msg_type === "shutdown_request") {
      await send(socket, identities, "shutdown_reply", header, { status: "ok", restart: false });
      process.exit(0);
    }
    if (state.idle) await publish("status", header, { execution_state: "idle" });
  }
}
async function answers() {
  for await (const frames of stdin) answered(parse(frames).content.value);
}

await shell.bind(address("shell"));
await control.bind(address("control"));
await stdin.bind(address("stdin"));
await heartbeat.bind(address("hb"));
serve(shell);
serve(control);
answers();
// Publications start late, as they may in any kernel: a client that does not wait for them misses output.
await delay(Number(process.env.IOPUB_DELAY ?? 0));
await iopub.bind(address("iopub"));
publishing = true;
