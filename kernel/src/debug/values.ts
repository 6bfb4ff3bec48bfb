import type { Runtime } from "node:inspector";
import { inspect } from "node:util";
import type { RemoteValue } from "./messages.ts";

const longest = 200;

/** How many elements an array, typed array, map or set has; nothing for other objects. */
export function sizeOf({ subtype = "", description = "" }: RemoteValue): number | undefined {
  if (!["array", "typedarray", "map", "set"].includes(subtype)) return undefined;
  const size = /\((\d+)\)$/.exec(description)?.[1];
  return size === undefined ? undefined : Number(size);
}

/** What kind of thing a value is: `number`, `Array`, the name of its class. */
export function typeOf({ type, subtype, className }: RemoteValue): string {
  if (subtype === "null") return "null";
  return type === "object" ? (className ?? "object") : type;
}

/** A value in one line, much as Node prints it. */
export function textOf(value: RemoteValue): string {
  const { type, subtype, description = "" } = value;
  switch (type) {
    case "undefined":
      return "undefined";
    case "string":
      return inspect(value.value);
    case "object":
      if (subtype === "null") return "null";
      return value.preview ? objectText(value.preview, description) : firstLine(description);
    case "function":
      return firstLine(description);
    default:
      return value.unserializableValue ?? (description || String(value.value));
  }
}

function objectText(preview: Runtime.ObjectPreview, description: string): string {
  const { subtype, overflow, properties, entries } = preview;
  const more = overflow ? [", …"] : [];
  if (subtype === "array" || subtype === "typedarray") {
    const elements = properties.filter(({ name }) => /^\d+$/.test(name)).map(propertyText);
    const name = description.replace(/^Array(?=\()/, "");
    return `${name} [${elements.join(", ")}${more.join("")}]`;
  }
  if (entries) {
    const pairs = entries.map(({ key, value }) => (key ? `${previewText(key)} => ` : "") + previewText(value));
    return `${description} {${pairs.join(", ")}${more.join("")}}`;
  }
  if (subtype && subtype !== "promise" && subtype !== "proxy") return firstLine(description);
  const members = properties.map((property) => `${property.name}: ${propertyText(property)}`);
  const name = description === "Object" ? "" : `${description} `;
  return `${name}{${members.join(", ")}${more.join("")}}`;
}

function propertyText({ type, subtype, value = "", valuePreview }: Runtime.PropertyPreview): string {
  if (valuePreview) return previewText(valuePreview);
  if (type === "string") return inspect(value);
  if (type === "function") return "ƒ";
  if (type === "accessor") return "(…)";
  return subtype === "null" ? "null" : value;
}

function previewText(preview: Runtime.ObjectPreview): string {
  const { type, description = "" } = preview;
  if (type === "string") return inspect(description);
  return type === "object" && preview.properties.length > 0 ? objectText(preview, description) : firstLine(description);
}

function firstLine(text: string): string {
  const line = text.split("\n", 1)[0]!;
  if (line.length > longest) return `${line.slice(0, longest)}…`;
  return line.length < text.length ? `${line} …` : line;
}
