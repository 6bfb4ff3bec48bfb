import { Script } from "node:vm";
import { debugSupportKey } from "./messages.ts";

/** How expressions that run in the runtime reach the kernel's support for them. */
export const support = `globalThis[Symbol.for(${JSON.stringify(debugSupportKey)})]`;

const hitPattern = /^\s*(==?=?|>=?|<=?|%)?\s*(\d+)\s*$/;

/** What a breakpoint asks for besides its place. */
export interface Conditions {
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly logMessage?: string;
}

/**
 * The JavaScript that decides in the runtime whether a breakpoint stops: its condition, how often it was passed, and
 * the message that it prints instead of stopping.
 * @throws SyntaxError when one of them cannot be read.
 */
export function conditionOf(breakpoint: number, { condition, hitCondition, logMessage }: Conditions): string {
  const parts: string[] = [];
  if (condition) parts.push(`${support}.met(${closure(condition)}, ${namesIn(condition)})`);
  if (hitCondition) {
    const [, comparison = "==", count] = hitPattern.exec(hitCondition) ?? [];
    if (count === undefined)
      throw new SyntaxError(`the hit condition is "${hitCondition}", expected for example "3", ">= 3" or "% 10"`);
    const known = comparison.startsWith("=") ? "==" : comparison;
    parts.push(`${support}.passed(${breakpoint}, ${JSON.stringify(known)}, ${count})`);
  }
  if (logMessage) parts.push(`${support}.log([${logParts(logMessage).join(", ")}], ${namesIn(logMessage)})`);
  return parts.join(" && ");
}

// A breakpoint may be passed a million times: only what may be meant is made visible to it.
function namesIn(text: string): string {
  return JSON.stringify([...new Set(text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu))]);
}

function closure(expression: string): string {
  const text = `() => (${expression}\n)`;
  // Only to hear what is wrong with it.
  new Script(`"use strict"; (${text})`);
  return text;
}

// `x is {x}`: text, with expressions in braces, which may hold braces themselves.
function logParts(message: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  const take = (end: number, isExpression: boolean) => {
    const piece = message.slice(start, end);
    if (piece !== "") parts.push(isExpression ? closure(piece) : `() => ${JSON.stringify(piece)}`);
    start = end + 1;
  };
  for (let i = 0; i < message.length; i++)
    if (message[i] === "{" && depth++ === 0) take(i, false);
    else if (message[i] === "}" && depth > 0 && --depth === 0) take(i, true);
  take(message.length, false);
  return parts;
}
