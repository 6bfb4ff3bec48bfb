import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A notebook as the start page presents it. */
export interface ListedNotebook {
  /** From the root, with `/` between the folders. */
  readonly path: string;
  /** Its first heading; the file's name where it has none. */
  readonly title: string;
  /** The first paragraph of prose below the heading. */
  readonly summary: string;
}

/** How deep folders are looked through, and how many notebooks are listed. */
const depth = 2;
const most = 60;
const skipped = /^\.|^(node_modules|dist|test)$/;

/** The notebooks under a folder, by path. */
export async function listNotebooks(root: string): Promise<ListedNotebook[]> {
  const paths: string[] = [];
  const look = async (folder: string, levels: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (skipped.test(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && levels > 0) await look(path, levels - 1);
      else if (entry.isFile() && entry.name.endsWith(".ipynb")) paths.push(path);
    }
  };
  await look("", depth);
  const listed = await Promise.all(
    paths
      .sort()
      .slice(0, most)
      .map((path) => listedAt(root, path)),
  );
  return listed.filter((notebook) => notebook !== undefined);
}

const isHeading = (line: string) => /^#{1,2} /.test(line);

async function listedAt(root: string, path: string): Promise<ListedNotebook | undefined> {
  try {
    const notebook = await readFile(join(root, path), "utf8");
    const above = proseAboveCode(notebook);
    const lines = above.some(isHeading) ? above : proseOf(notebook);
    const heading = lines.findIndex(isHeading);
    const paragraphs = lines
      .slice(heading + 1)
      .join("\n")
      .split(/\n\s*\n/)
      .map((text) => text.trim());
    // A paragraph in italics says where a system was published.
    const prose = paragraphs.find((text) => text !== "" && !/^(\*|_)[^*_]+\1$/.test(text)) ?? "";
    return {
      path,
      title: heading < 0 ? path.replace(/^.*\/|\.ipynb$/g, "") : plain(lines[heading]!.replace(/^#+ /, "")),
      summary: plain(prose.replaceAll("\n", " ")),
    };
  } catch {
    // Not a notebook, whatever its name says.
    return undefined;
  }
}

/** The lines of a notebook's cells of prose. */
function proseOf(notebook: string): string[] {
  const { cells } = JSON.parse(notebook) as { cells: { cell_type: string; source: string | string[] }[] };
  const texts = cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) => [source].flat().join(""));
  return texts.join("\n\n").split("\n");
}

/** Those above its first code, where a notebook usually presents itself: its outputs are a thousand times as long. */
function proseAboveCode(notebook: string): string[] {
  const code = /,\s*\{\s*"cell_type":\s*"code"/.exec(notebook);
  try {
    return code ? proseOf(`${notebook.slice(0, code.index)}]}`) : [];
  } catch {
    // Written in another order than Jupyter's.
    return [];
  }
}

/** A text without the marks of Markdown. */
function plain(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*_`]+/g, "")
    .trim();
}
