/** The parts of a JSON schema that say what a value is where nothing is said. */
export interface Schema {
  default?: unknown;
  $ref?: string;
  definitions?: Record<string, Schema>;
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: boolean | Schema | Schema[];
}

/** What settings are where the user has set none: those that have a default, and what is inside of them. */
export function defaultSettings(schema: Schema): Record<string, unknown> {
  const settings = {};
  complete(settings, schema, schema);
  return settings;
}

/** Adds what a value lacks, as ajv does with `useDefaults`. */
function complete(value: unknown, schema: Schema, root: Schema): void {
  if (!isObject(value)) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    value.forEach((item, i) => {
      const one = Array.isArray(items) ? items[i] : items;
      if (typeof one === "object") complete(item, one, root);
    });
  } else {
    const object = value as Record<string, unknown>;
    const { properties = {}, patternProperties = {}, additionalProperties } = schema;
    for (const name in properties) {
      const standard = properties[name]!.default;
      if (object[name] === undefined && standard !== undefined)
        object[name] = isObject(standard) ? structuredClone(standard) : standard;
    }
    const patterns = Object.entries(patternProperties).map(([text, one]) => ({ pattern: new RegExp(text, "u"), one }));
    for (const name in object) {
      const inner = object[name];
      if (!isObject(inner)) continue;
      const own = Object.hasOwn(properties, name) ? [properties[name]!] : [];
      const known = [...own, ...patterns.filter(({ pattern }) => pattern.test(name)).map(({ one }) => one)];
      const rest = known.length === 0 && typeof additionalProperties === "object" ? [additionalProperties] : [];
      for (const one of [...known, ...rest]) complete(inner, one, root);
    }
  }
  for (const one of schema.allOf ?? []) complete(value, one, root);
  if (schema.$ref) complete(value, referred(schema.$ref, root), root);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** What a reference within the schema stands for. */
function referred(reference: string, root: Schema): Schema {
  let found: unknown = root;
  for (const part of reference.replace(/^#\/?/, "").split("/").filter(Boolean))
    found = (found as Record<string, unknown> | undefined)?.[part];
  return (found ?? {}) as Schema;
}
