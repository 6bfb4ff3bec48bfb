import * as v from "valibot";

// What clients ask, as the protocol says it, with the defaults for what they leave out.

const code = v.string();
// Some clients say null for "at the end".
const cursor = v.optional(v.nullable(v.pipe(v.number(), v.integer())));

const schemas = {
  execute_request: v.object({
    code,
    silent: v.optional(v.boolean(), false),
    store_history: v.optional(v.boolean(), true),
    user_expressions: v.optional(v.nullable(v.record(v.string(), v.string())), {}),
    allow_stdin: v.optional(v.boolean(), false),
    stop_on_error: v.optional(v.boolean(), true),
  }),
  complete_request: v.object({ code, cursor_pos: cursor }),
  inspect_request: v.object({ code, cursor_pos: cursor, detail_level: v.optional(v.picklist([0, 1]), 0) }),
  is_complete_request: v.object({ code }),
  history_request: v.object({
    hist_access_type: v.picklist(["range", "tail", "search"]),
    output: v.optional(v.boolean(), false),
    raw: v.optional(v.boolean(), true),
    session: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
    start: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
    stop: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
    n: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
    pattern: v.optional(v.nullable(v.string())),
    unique: v.optional(v.nullable(v.boolean())),
  }),
  shutdown_request: v.object({ restart: v.optional(v.boolean(), false) }),
  delete_subshell_request: v.object({ subshell_id: v.string() }),
};

type Schemas = typeof schemas;

/** The types of messages whose content is checked. */
export type CheckedType = keyof Schemas;

/** The content of a message of the given type, once checked. */
export type Content<Type extends CheckedType> = v.InferOutput<Schemas[Type]>;

export type ExecuteRequest = Content<"execute_request">;
export type CompleteRequest = Content<"complete_request">;
export type InspectRequest = Content<"inspect_request">;
export type HistoryRequest = Content<"history_request">;

/** A message whose content is not what the protocol says. */
export class ContentError extends Error {
  override readonly name = "ContentError";
}

/**
 * Checks what a client sent and fills in what it left out.
 * @throws ContentError that names the first member that will not do.
 */
export function checkedContent<Type extends CheckedType>(type: Type, content: unknown): Content<Type> {
  const result = v.safeParse<Schemas[Type]>(schemas[type], content);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "content";
  throw new ContentError(`${type}: ${where} is ${issue.received}, expected ${issue.expected}.`);
}
