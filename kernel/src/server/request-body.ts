import type { Context } from "hono";
import * as v from "valibot";
import { BadRequest } from "./problems.ts";

/** The JSON object in a request's body, checked; an empty body is an empty object. @throws BadRequest */
export async function bodyOf<Schema extends v.GenericSchema>(
  context: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const text = await context.req.text();
  let value: unknown = {};
  if (text.trim() !== "") {
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new BadRequest(`The body is not JSON: ${(error as Error).message}.`);
    }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BadRequest("The body is no JSON object.");
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new BadRequest(`${v.getDotPath(issue) ?? "The body"} is ${issue.received}, expected ${issue.expected}.`);
}

/** A field that may be left out. Clients send null for what they do not know. */
export function maybe<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );
}
