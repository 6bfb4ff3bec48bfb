import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { surroundings, userDataFolder } from "../install/jupyter-folders.ts";
import { isObject } from "./notebook.ts";

/** What a Jupyter server on this machine notes down of itself. */
export interface NotedServer {
  token: string;
  /** The folder under which its documents lie. */
  root: string;
}

/** Finds what the server at an address has noted down, if it runs on this machine. */
export async function notedServer(url: string): Promise<NotedServer | undefined> {
  const around = surroundings();
  const folder = around.env.JUPYTER_RUNTIME_DIR || join(userDataFolder(around), "runtime");
  const files = await readdir(folder).catch(() => []);
  for (const file of files.filter((name) => /^(jp|nb)server-\d+\.json$/.test(name))) {
    const noted: unknown = await readFile(join(folder, file), "utf8")
      .then(JSON.parse)
      .catch(() => undefined);
    if (!isObject(noted) || typeof noted.url !== "string" || !sameServer(noted.url, url)) continue;
    const root = noted.root_dir ?? noted.notebook_dir;
    if (typeof root === "string") return { root, token: String(noted.token ?? "") };
  }
  return undefined;
}

/** The path by which a server knows a file, if the file lies under its folder. */
export function pathOnServer(file: string, { root }: NotedServer): string | undefined {
  const path = relative(root, file);
  return path.startsWith("..") || path === "" ? undefined : path.split(sep).join(posix.sep);
}

function sameServer(a: string, b: string): boolean {
  const [one, other] = [a, b].map((url) => {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname.replace("localhost", "127.0.0.1")}:${port}${pathname.replace(/\/?$/, "/")}`;
  });
  return one === other;
}
