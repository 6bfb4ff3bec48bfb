import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, posix, relative, resolve, sep } from "node:path";
import { surroundings, userDataFolder } from "../install/jupyter-folders.ts";
import { ownVersion } from "../version.ts";
import { parseObject } from "../wire/index.ts";

/** What a Jupyter server on this machine notes down of itself. */
export interface NotedServer {
  token: string;
  /** The folder under which its documents lie. */
  root: string;
}

/** Notes a server down where Jupyter's servers do, for this user's eyes only. @returns how to take the note away. */
export async function noteServer(address: string, { token, root }: NotedServer): Promise<() => Promise<void>> {
  const file = join(runtimeFolder(), `jpserver-${process.pid}.json`);
  const { hostname, port, href: url } = new URL(address);
  const place = { base_url: "/", hostname, port: Number(port), url, secure: false, sock: "" };
  const note = { ...place, password: false, pid: process.pid, root_dir: resolve(root), token, version: ownVersion() };
  await mkdir(runtimeFolder(), { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
  return () => rm(file, { force: true });
}

/** Finds what the server at an address has noted down, if it runs on this machine. */
export async function notedServer(url: string): Promise<NotedServer | undefined> {
  const files = await readdir(runtimeFolder()).catch(() => []);
  for (const file of files.filter((name) => /^(jp|nb)server-\d+\.json$/.test(name))) {
    const text = await readFile(join(runtimeFolder(), file)).catch(() => undefined);
    const noted = text && parseObject(text);
    if (!noted || typeof noted.url !== "string" || !sameServer(noted.url, url)) continue;
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

function runtimeFolder(): string {
  const around = surroundings();
  return around.env.JUPYTER_RUNTIME_DIR || join(userDataFolder(around), "runtime");
}

function sameServer(a: string, b: string): boolean {
  if (!URL.canParse(a)) return false;
  const [one, other] = [a, b].map((url) => {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname.replace("localhost", "127.0.0.1")}:${port}${pathname.replace(/\/?$/, "/")}`;
  });
  return one === other;
}
