import {
  type DisplayOutput,
  isJsonMime,
  isObject,
  type Json,
  type JsonObject,
  type Output,
  type ResultOutput,
  type StreamOutput,
} from "./notebook.ts";

type Displayed = DisplayOutput | ResultOutput;
type Content = Readonly<Record<string, unknown>>;

/**
 * Turns the messages of a kernel into the outputs of a notebook. It belongs to the whole notebook, because an update of
 * a display changes every output with that display id, in whatever cell it stands.
 */
export class OutputCollector {
  readonly #displays = new Map<string, Set<Displayed>>();
  readonly #clearing = new WeakSet<Output[]>();
  /** Streams that end in a carriage return: noted, because looking at the end of a long growing text copies it. */
  readonly #returned = new WeakSet<Output>();

  /**
   * Applies one iopub message to the outputs of the cell that caused it.
   * @returns whether it was output; anything else changes nothing.
   */
  apply(outputs: Output[], type: string, content: Content): boolean {
    switch (type) {
      case "stream":
        this.#clearIfPending(outputs);
        this.#print(outputs, text(content.name, "stdout"), text(content.text));
        break;
      case "display_data":
        this.#show(outputs, { output_type: "display_data", ...payload(content) }, content);
        break;
      case "execute_result": {
        const count = content.execution_count;
        const execution_count = typeof count === "number" ? count : null;
        this.#show(outputs, { output_type: "execute_result", execution_count, ...payload(content) }, content);
        break;
      }
      case "update_display_data":
        this.#update(content);
        break;
      case "error":
        this.#clearIfPending(outputs);
        outputs.push({
          output_type: "error",
          ename: text(content.ename),
          evalue: text(content.evalue),
          traceback: Array.isArray(content.traceback) ? content.traceback.map(String) : [],
        });
        break;
      case "clear_output":
        if (content.wait === true) this.#clearing.add(outputs);
        else this.#clear(outputs);
        break;
      default:
        return false;
    }
    return true;
  }

  #print(outputs: Output[], name: string, added: string): void {
    if (added === "") return;
    const last = outputs.at(-1);
    const merged: StreamOutput =
      last?.output_type === "stream" && last.name === name ? last : { output_type: "stream", name, text: "" };
    if (merged !== last) outputs.push(merged);
    if (added.includes("\r") || this.#returned.has(merged)) {
      const lineStart = merged.text.lastIndexOf("\n") + 1;
      merged.text = merged.text.slice(0, lineStart) + overwriteReturns(merged.text.slice(lineStart) + added);
    } else merged.text += added;
    merged.text = shortened(merged.text);
    if (added.endsWith("\r")) this.#returned.add(merged);
    else this.#returned.delete(merged);
  }

  #show(outputs: Output[], output: Displayed, content: Content): void {
    this.#clearIfPending(outputs);
    const id = displayId(content);
    if (id !== undefined) {
      this.#update(content);
      const shown = this.#displays.get(id) ?? new Set();
      this.#displays.set(id, shown.add(output));
    }
    outputs.push(output);
  }

  #update(content: Content): void {
    const id = displayId(content);
    if (id === undefined) return;
    for (const output of this.#displays.get(id) ?? []) Object.assign(output, payload(content));
  }

  #clearIfPending(outputs: Output[]): void {
    if (this.#clearing.has(outputs)) this.#clear(outputs);
  }

  #clear(outputs: Output[]): void {
    this.#clearing.delete(outputs);
    const gone = new Set<Output>(outputs.splice(0));
    for (const shown of this.#displays.values()) for (const output of shown) if (gone.has(output)) shown.delete(output);
  }
}

/** What a terminal would show after carriage returns: later text overwrites the line it returned to. */
export function overwriteReturns(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .split("\n")
    .map((line, index, all) => {
      // A return at the very end is kept: the text that overwrites the line may still come.
      const pending = index === all.length - 1 && line.endsWith("\r") ? "\r" : "";
      return line.split("\r").reduce((shown, part) => part + shown.slice(part.length), "") + pending;
    })
    .join("\n");
}

/** Above LIMIT characters a stream loses its middle, so that a runaway loop fills neither the memory nor the file. */
const LIMIT = 5_000_000;
const KEPT = 2_000_000;

function shortened(text: string): string {
  if (text.length <= LIMIT) return text;
  const notice = "\n\n… the middle of this output was left out, because it was too long …\n\n";
  return text.slice(0, KEPT) + notice + text.slice(-KEPT);
}

function payload(content: Content): { data: JsonObject; metadata: JsonObject } {
  return {
    data: isObject(content.data) ? validBundle(content.data) : {},
    metadata: isObject(content.metadata) ? content.metadata : {},
  };
}

/** In a notebook only JSON types may hold anything but text. */
function validBundle(data: JsonObject): JsonObject {
  const entries = Object.entries(data).map(([mime, value]): [string, Json] =>
    typeof value === "string" || isJsonMime(mime) ? [mime, value] : [mime, JSON.stringify(value)],
  );
  return Object.fromEntries(entries);
}

function displayId(content: Content): string | undefined {
  const id = isObject(content.transient) ? content.transient.display_id : undefined;
  return typeof id === "string" ? id : undefined;
}

function text(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}
