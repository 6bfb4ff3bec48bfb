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
  if (typeof value !== "object" || value === null) return;
  const also = [...(schema.allOf ?? []), ...(schema.$ref ? [referred(schema.$ref, root)] : [])];
  if (Array.isArray(value)) {
    const { items } = schema;
    value.forEach((item, i) => {
      const one = Array.isArray(items) ? items[i] : items;
      if (typeof one === "object") complete(item, one, root);
    });
  } else {
    const object = value as Record<string, unknown>;
    const { properties = {}, patternProperties = {}, additionalProperties } = schema;
    for (const [name, { default: standard }] of Object.entries(properties))
      if (object[name] === undefined && standard !== undefined) object[name] = structuredClone(standard);
    for (const [name, inner] of Object.entries(object)) {
      const patterns = Object.entries(patternProperties).filter(([pattern]) => new RegExp(pattern, "u").test(name));
      const own = Object.hasOwn(properties, name) ? [properties[name]!] : [];
      const known = [...own, ...patterns.map(([, one]) => one)];
      const rest = known.length === 0 && typeof additionalProperties === "object" ? [additionalProperties] : [];
      for (const one of [...known, ...rest]) complete(inner, one, root);
    }
  }
  for (const one of also) complete(value, one, root);
}

/** What a reference within the schema stands for. */
function referred(reference: string, root: Schema): Schema {
  let found: unknown = root;
  for (const part of reference.replace(/^#\/?/, "").split("/").filter(Boolean))
    found = (found as Record<string, unknown> | undefined)?.[part];
  return (found ?? {}) as Schema;
}
