import { AnsiUp } from "ansi_up";
import { overwriteReturns } from "../run/outputs.ts";

/** Of longer texts both ends are shown. */
const longest = 400_000;

/** What a terminal would show of a text, with its colours, as HTML. */
export function terminalHtml(text: string): string {
  const terminal = new AnsiUp();
  terminal.use_classes = true;
  return terminal.ansi_to_html(overwriteReturns(withoutBackspaces(shortened(text))));
}

function shortened(text: string): string {
  if (text.length <= longest) return text;
  const left = text.length - longest;
  const half = longest / 2;
  return `${text.slice(0, half)}\n\n… ${left.toLocaleString("en")} characters are left out here; the notebook has them …\n\n${text.slice(-half)}`;
}

/** A backspace takes back the character before it, as a terminal does where one is written over. */
function withoutBackspaces(text: string): string {
  if (!text.includes("\b")) return text;
  const shown: string[] = [];
  for (const character of text)
    if (character !== "\b") shown.push(character);
    else if (shown.length > 0 && shown.at(-1) !== "\n") shown.pop();
  return shown.join("");
}
