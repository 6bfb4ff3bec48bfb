import { createHmac, randomUUID } from "node:crypto";
import type { ConnectionInfo } from "../../src/wire/connection.ts";
import { type Header, newHeader } from "../../src/wire/message.ts";
import type { Chance } from "./random.ts";

const delimiter = Buffer.from("<IDS|MSG>");

/** The contents of every request that a kernel may get, well formed. */
const requests: Readonly<Record<string, Record<string, unknown>>> = {
  kernel_info_request: {},
  execute_request: {
    code: "1",
    silent: false,
    store_history: true,
    user_expressions: { a: "1" },
    allow_stdin: false,
    stop_on_error: true,
  },
  complete_request: { code: "Math.ma", cursor_pos: 7 },
  inspect_request: { code: "parseInt", cursor_pos: 3, detail_level: 0 },
  is_complete_request: { code: "for (" },
  history_request: {
    hist_access_type: "search",
    output: true,
    raw: true,
    session: 0,
    start: 0,
    stop: 5,
    n: 3,
    pattern: "*",
    unique: true,
  },
  comm_info_request: { target_name: "jupyter.widget" },
  comm_open: { comm_id: "1", target_name: "jupyter.widget", data: { state: {}, buffer_paths: [] } },
  comm_msg: { comm_id: "1", data: { method: "update", state: {}, buffer_paths: [["a"]] } },
  comm_close: { comm_id: "1", data: {} },
  interrupt_request: {},
  debug_request: { type: "request", seq: 1, command: "initialize", arguments: {} },
  usage_request: {},
  create_subshell_request: {},
  delete_subshell_request: { subshell_id: "1" },
  list_subshell_request: {},
  input_reply: { value: "x" },
  no_such_request: { a: 1 },
};

const strange: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  0.5,
  "",
  "NaN",
  "\ud800",
  "\0",
  "🎉".repeat(50),
  [],
  [[[]]],
  ["a", 1, null],
  {},
  { toString: 1, length: -1 },
  { ["__proto__"]: { polluted: true }, constructor: null },
];

function nested(depth: number, open: string, close: string, inside = ""): string {
  return open.repeat(depth) + inside + close.repeat(depth);
}

/** JSON with the types of some of its values changed, some missing and some more. */
function mutated(content: Record<string, unknown>, chance: Chance): string {
  const changed: Record<string, unknown> = { ...content };
  for (const name of Object.keys(content)) {
    if (chance.next() < 0.6) changed[name] = chance.pick(strange);
    if (chance.next() < 0.1) delete changed[name];
  }
  if (chance.next() < 0.2) changed[chance.pick(["__proto__x", "extra", "data", "subshell_id"])] = chance.pick(strange);
  const text = JSON.stringify(changed);
  if (chance.next() < 0.05)
    return text.replace(/\}$/, `${text === "{}" ? "" : ","}"deep":${nested(20_000, "[", "]")}}`);
  return text;
}

/** The requests that must be answered whatever their content is. */
const answered = Object.keys(requests).filter((type) =>
  /^(kernel_info|execute|complete|inspect|is_complete|history|comm_info|interrupt)_request$/.test(type),
);

/** A malformed message. */
export interface Malformed {
  readonly kind: string;
  readonly frames: Buffer[];
  /** The id of a request that is well enough formed to be answered. */
  readonly id?: string;
}

/** Makes malformed messages, as frames; each kind has a name, to be counted. */
export class Malformer {
  readonly #connection: ConnectionInfo;
  readonly #chance: Chance;

  constructor(connection: ConnectionInfo, chance: Chance) {
    this.#connection = connection;
    this.#chance = chance;
  }

  /** A message that is signed as it should be, but wrong inside, or one that is not even that. */
  next(): Malformed {
    if (this.#chance.next() < 0.4) {
      const header = this.#header();
      const id = answered.includes(header.msg_type) ? header.msg_id : undefined;
      return { kind: "wrong types in a request", frames: this.#mutant(header), ...(id !== undefined && { id }) };
    }
    const [kind, make] = this.#chance.pick(Object.entries(this.#kinds));
    return { kind, frames: make() };
  }

  readonly #kinds = {
    "wrong types in the header": () => this.#signed([mutated({ ...this.#header() }, this.#chance), "{}", "{}", "{}"]),
    "wrong signature": () => {
      const frames = this.#mutant();
      frames[1] = Buffer.from(this.#chance.pick(["", "0".repeat(64), randomUUID(), "\xff".repeat(64)]));
      return frames;
    },
    "a signature of something else": () => {
      const frames = this.#mutant();
      frames[5] = Buffer.from('{"code": "globalThis.forged = true", "silent": false}');
      frames[2] = Buffer.from(JSON.stringify(newHeader("execute_request", "forger")));
      return frames;
    },
    "no delimiter": () => this.#mutant().slice(1),
    "too few frames": () => this.#mutant().slice(0, 1 + this.#chance.below(5)),
    "frames in another order": () => {
      const frames = this.#mutant();
      return [frames[3]!, frames[0]!, frames[2]!, frames[1]!, ...frames.slice(4)];
    },
    "one frame of noise": () => [this.#chance.bytes(this.#chance.below(2000))],
    "many frames of noise": () => Array.from({ length: 1 + this.#chance.below(40) }, () => this.#chance.bytes(9)),
    "empty frames": () => Array.from({ length: 1 + this.#chance.below(9) }, () => Buffer.alloc(0)),
    "no JSON": () => this.#broken(() => this.#chance.pick(["", "{", "undefined", "NaN", "{'a': 1}", "{}{}", "\0"])),
    "JSON that is no object": () =>
      this.#broken(() => this.#chance.pick(["[]", "1", "null", '"text"', "true", "[{}]"])),
    "no UTF-8": () =>
      this.#broken(() => Buffer.concat([Buffer.from('{"a":"'), this.#chance.bytes(9), Buffer.from('"}')])),
    "deep nesting": () => {
      const depth = 1000 * (1 + this.#chance.below(60));
      const deep = this.#chance.pick([nested(depth, "[", "]"), nested(depth, '{"a":', "}", "1")]);
      const place = this.#chance.below(4);
      const header = { ...this.#header(), msg_type: this.#chance.pick(Object.keys(requests)) };
      const parts = [JSON.stringify(header), "{}", "{}", '{"code":"1","comm_id":"1"}'];
      parts[place] = parts[place]!.replace(/\}$/, `${parts[place] === "{}" ? "" : ","}"deep":${deep}}`);
      return this.#signed(parts);
    },
    "a huge frame": () =>
      this.#chance.next() < 0.8
        ? this.#mutant()
        : this.#signed([JSON.stringify(this.#header()), "{}", `{"filling":"${"x".repeat(4_000_000)}"}`, "{}"]),
    "buffers where none belong": () => [...this.#mutant(), this.#chance.bytes(20), Buffer.alloc(100_000)],
    "the sender's identity is missing or double": () =>
      this.#chance.next() < 0.5 ? this.#mutant() : [Buffer.from("somebody"), ...this.#mutant()],
  };

  #header(): Header {
    return newHeader(this.#chance.pick(Object.keys(requests)), "malformed");
  }

  #mutant(header = this.#header()): Buffer[] {
    return this.#signed([JSON.stringify(header), "{}", "{}", mutated(requests[header.msg_type]!, this.#chance)]);
  }

  #broken(part: () => string | Buffer): Buffer[] {
    const parts: (string | Buffer)[] = [JSON.stringify(this.#header()), "{}", "{}", "{}"];
    parts[this.#chance.below(4)] = part();
    return this.#signed(parts);
  }

  #signed(texts: readonly (string | Buffer)[]): Buffer[] {
    const parts = texts.map((text) => Buffer.from(text as string));
    const hmac = createHmac("sha256", this.#connection.key);
    for (const part of parts) hmac.update(part);
    return [delimiter, Buffer.from(hmac.digest("hex")), ...parts];
  }
}
