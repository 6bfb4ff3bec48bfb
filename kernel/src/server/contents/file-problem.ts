import { HttpProblem, NotFound } from "../problems.ts";
import { quoted } from "./root-folder.ts";

const reasons: Record<string, { status: HttpProblem["status"]; reason: string }> = {
  ENOENT: { status: 404, reason: "there is no such file or folder" },
  ENOTDIR: { status: 404, reason: "something on the way to it is not a folder" },
  EACCES: { status: 403, reason: "this user may not do that; see who owns it and its permissions" },
  EPERM: { status: 403, reason: "this user may not do that; see who owns it and its permissions" },
  EROFS: { status: 403, reason: "the disk is read-only" },
  EEXIST: { status: 409, reason: "something of this name is there already; choose another name" },
  ENOTEMPTY: { status: 409, reason: "a folder of this name is there already; choose another name" },
  EISDIR: { status: 400, reason: "this is a folder; a file was expected" },
  EINVAL: { status: 400, reason: "the file system does not allow this, such as moving a folder into itself" },
  ENAMETOOLONG: { status: 400, reason: "the name is too long for the file system" },
  ELOOP: { status: 400, reason: "the symbolic links on the way to it go round in a circle" },
  ENOSPC: { status: 507, reason: "the disk is full; what was there before is unharmed" },
  EDQUOT: { status: 507, reason: "this user's share of the disk is used up; what was there before is unharmed" },
};

/** Does something with files; what goes wrong is told of by the path that clients know. @throws HttpProblem */
export async function withFiles<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const known = reasons[(error as NodeJS.ErrnoException).code ?? ""];
    if (!known) throw error;
    const message = `${quoted(path)}: ${known.reason}.`;
    throw known.status === 404 ? new NotFound(message) : new HttpProblem(known.status, message);
  }
}
