import type { CompleteReply, InspectReply, IsCompleteReply } from "../protocol/messages.ts";
import type { CompleteRequest, InspectRequest } from "../protocol/requests.ts";
import { pointsFromUnits, unitsFromPoints } from "./cursor.ts";
import type { LanguageProcess } from "./language-process.ts";

/** Answers what editors ask about code: completion, inspection, and whether a cell is complete. */
export class LanguageRequests {
  readonly #language: LanguageProcess;
  readonly #declarations: () => string;

  constructor(language: LanguageProcess, declarations: () => string) {
    this.#language = language;
    this.#declarations = declarations;
  }

  async complete({ code, cursor_pos }: CompleteRequest): Promise<CompleteReply> {
    const cursor = unitsFromPoints(code, cursor_pos);
    const { start, end, candidates } = await this.#language.ask("complete", this.#declarations(), code, cursor);
    const cursor_start = pointsFromUnits(code, start);
    const cursor_end = pointsFromUnits(code, end);
    const types = candidates.map(({ name, kind }) => ({
      text: name,
      type: kind,
      start: cursor_start,
      end: cursor_end,
    }));
    return {
      status: "ok",
      matches: candidates.map(({ name }) => name),
      cursor_start,
      cursor_end,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  async inspect({ code, cursor_pos, detail_level }: InspectRequest): Promise<InspectReply> {
    const cursor = unitsFromPoints(code, cursor_pos);
    const found = await this.#language.ask("inspect", this.#declarations(), code, cursor);
    if (!found) return { status: "ok", found: false, data: {}, metadata: {} };
    const { signature, documentation } = found;
    const notes = detail_level === 1 ? found.tags : "";
    const text = [signature, documentation, notes].filter(Boolean).join("\n\n");
    const markdown = ["```typescript", signature, "```", documentation, notes].join("\n");
    return { status: "ok", found: true, data: { "text/plain": text, "text/markdown": markdown }, metadata: {} };
  }

  async isComplete(code: string): Promise<IsCompleteReply> {
    return this.#language.ask("isComplete", code);
  }
}
