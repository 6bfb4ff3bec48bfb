import type * as TypeScript from "@tslab/typescript-for-tslab";
import type { InspectionResult } from "./messages.ts";

/**
 * The positions to ask about, best first: what the cursor touches, then the function whose call it is in,
 * because the help key is pressed inside the parentheses as often as on the name.
 */
export function* inspectedPositions(code: string, cursor: number): Generator<number> {
  const word = /[\p{ID_Continue}$]/u;
  if (word.test(code.charAt(cursor))) yield cursor;
  if (word.test(code.charAt(cursor - 1))) yield cursor - 1;
  let depth = 0;
  for (let at = cursor - 1; at > 0; at--) {
    const character = code.charAt(at);
    if (character === ")" || character === "]" || character === "}") depth++;
    else if (character === "(" || character === "[" || character === "{") {
      if (depth > 0) depth--;
      else if (character === "(" && word.test(code.charAt(at - 1))) yield at - 1;
    }
  }
}

/** TypeScript's quick info as plain text parts. */
export function inspectionOf(info: TypeScript.QuickInfo): InspectionResult {
  const text = (parts: readonly TypeScript.SymbolDisplayPart[] | undefined) =>
    (parts ?? []).map((part) => part.text).join("");
  return {
    signature: text(info.displayParts),
    documentation: text(info.documentation),
    tags: (info.tags ?? []).map((tag) => `@${tag.name} ${text(tag.text)}`.trimEnd()).join("\n"),
  };
}
