import { type Context, Hono } from "hono";
import * as v from "valibot";
import { BadRequest, NotFound } from "../problems.ts";
import { bodyOf, maybe } from "../request-body.ts";
import type { Contents } from "./contents.ts";
import type { ContentModel, ContentType } from "./model.ts";

const saveBody = v.object({
  type: maybe(v.string()),
  format: maybe(v.string()),
  content: v.optional(v.unknown()),
  chunk: maybe(v.number()),
  copy_from: maybe(v.string()),
});
const createBody = v.object({ type: maybe(v.string()), ext: maybe(v.string()), copy_from: maybe(v.string()) });
const renameBody = v.object({ path: v.string() });

const PREFIX = "/api/contents";

/** The contents part of the API: documents, their checkpoints and whether they are trusted. */
export function contentsRoutes(contents: Contents): Hono {
  const app = new Hono();

  app.get(`${PREFIX}/*`, async (context) => {
    const { path, checkpoint } = addressed(context);
    if (checkpoint !== undefined) return context.json(await contents.checkpoints(path));
    const { content, hash, format, type } = context.req.query();
    if (format !== undefined && format !== "text" && format !== "base64")
      throw new BadRequest(`The format is ${JSON.stringify(format)}, expected text or base64.`);
    const model = await contents.get(path, {
      content: flag("content", content, true),
      hash: flag("hash", hash, false),
      type: typeNamed(type),
      format,
    });
    return answer(context, model, 200);
  });

  app.put(`${PREFIX}/*`, async (context) => {
    const { path, checkpoint } = addressed(context);
    if (checkpoint !== undefined) throw new NotFound("A checkpoint is made with POST.");
    const { copy_from, type, ...request } = await bodyOf(context, saveBody);
    if (copy_from !== undefined) throw new BadRequest("A copy is made with POST to the folder it should lie in.");
    const { model, created } = await contents.save(path, { ...request, type: typeNamed(type) });
    return answer(context, model, created ? 201 : 200);
  });

  app.post(`${PREFIX}/*`, async (context) => {
    const { path, checkpoint, trusts } = addressed(context);
    if (trusts) {
      await contents.trust(path);
      return context.body(null, 201);
    }
    if (checkpoint === "") {
      const model = await contents.createCheckpoint(path);
      return context.json(model, 201, { Location: `${addressOf(path)}/checkpoints/${model.id}` });
    }
    if (checkpoint !== undefined) {
      await contents.restoreCheckpoint(path, checkpoint);
      return context.body(null, 204);
    }
    const { type, ...request } = await bodyOf(context, createBody);
    return answer(context, await contents.create(path, { ...request, type: typeNamed(type) }), 201);
  });

  app.patch(`${PREFIX}/*`, async (context) => {
    const { path } = addressed(context);
    const { path: newPath } = await bodyOf(context, renameBody);
    return answer(context, await contents.rename(path, newPath), 200);
  });

  app.delete(`${PREFIX}/*`, async (context) => {
    const { path, checkpoint } = addressed(context);
    if (checkpoint) await contents.deleteCheckpoint(path, checkpoint);
    else if (checkpoint === "") throw new BadRequest("Which checkpoint? Its id belongs at the end of the address.");
    else await contents.delete(path);
    return context.body(null, 204);
  });
  return app;
}

/**
 * What an address is about: a path and, behind it, perhaps `/checkpoints`, with an id or without (then it is empty),
 * or `/trust`.
 */
function addressed(context: Context): { path: string; checkpoint?: string; trusts?: boolean } {
  const path = pathBehind(context, PREFIX);
  const [, document, id] = /^(.+?)\/checkpoints(?:\/([\w-]+))?\/?$/.exec(path) ?? [];
  if (document !== undefined) return { path: document, checkpoint: id ?? "" };
  const trusted = context.req.method === "POST" ? /^(.+)\/trust$/.exec(path)?.[1] : undefined;
  return trusted === undefined ? { path } : { path: trusted, trusts: true };
}

/** The path behind a prefix of the address, decoded once. @throws BadRequest when that cannot be done. */
export function pathBehind(context: Context, prefix: string): string {
  const { pathname } = new URL(context.req.url);
  try {
    return decodeURIComponent(pathname.slice(prefix.length)).replace(/^\/+|\/+$/g, "");
  } catch {
    throw new BadRequest("The address is not well encoded: after % come two hexadecimal digits of UTF-8.");
  }
}

function answer(context: Context, model: ContentModel, status: 200 | 201): Response {
  context.header("Last-Modified", new Date(model.last_modified).toUTCString());
  if (status === 201) context.header("Location", addressOf(model.path));
  return context.json(model, status);
}

function addressOf(path: string): string {
  return `${PREFIX}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function flag(name: string, text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise;
  if (text !== "0" && text !== "1") throw new BadRequest(`${name} is ${JSON.stringify(text)}, expected 0 or 1.`);
  return text === "1";
}

/** Clients know of other types, all of which are files here. */
function typeNamed(type: string | undefined): ContentType | undefined {
  if (type === undefined || type === "") return undefined;
  return type === "notebook" || type === "directory" ? type : "file";
}
