import { readFileSync } from "node:fs";

/**
 * What a complete library for deep learning has, in sections. Of each item: the names that give it, those of the widgets
 * that show it, and what it lacks, if anything; an item without names is missing.
 */
export function readFeatures() {
  return JSON.parse(readFileSync(new URL("features.json", import.meta.url), "utf8"));
}

/** The systems of the review "Deep learning" (LeCun, Bengio and Hinton, Nature 521, 2015), what was reached, and where it shows. */
export function readSystems() {
  return JSON.parse(readFileSync(new URL("systems.json", import.meta.url), "utf8"));
}

/** Whether an item is there, partly there, or missing. */
export function stateOf({ names, lacks }) {
  if (names.length === 0) return "missing";
  return lacks === undefined ? "there" : "partly";
}

/** What a link to a file says: every notebook has the same name in its own folder. */
function nameOf(path) {
  return path.split("/").at(path.startsWith("notebooks/") ? -2 : -1);
}

/** The page: a table for each section, and one of the systems. */
export function writeFeatures(sections, systems) {
  const items = sections.flatMap((section) => section.items);
  const count = (state) => items.filter((item) => stateOf(item) === state).length;
  const tables = sections.map(({ section, items }) => {
    const rows = items.map((item) => {
      const shown = (item.widgets ?? []).map((name) => `@gradbook/widgets ${name}`);
      const names = [...item.names, ...shown].map((name) => `\`${name}\``).join(" ");
      return `| ${item.number} | ${item.title} | ${stateOf(item)} | ${names}${item.lacks === undefined ? "" : ` lacks: ${item.lacks}`} |`;
    });
    return `## ${section}\n\n| | feature | | by |\n| ---: | --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  const rows = systems.map(({ number, title, state, reached, evidence }) => {
    const where = [evidence ?? []].flat().map((path) => `[${nameOf(path)}](../../${path})`);
    return `| ${number} | ${title} | ${state} | ${reached} | ${where.join(", ")} |`;
  });
  const reproduced = `## Systems of the review\n\n| | system | | reached | where |\n| ---: | --- | --- | --- | --- |\n${rows.join("\n")}\n`;
  return `# Features\n\nWhat a complete library for deep learning has: ${count("there")} of ${items.length} are there, ${count("partly")} partly, ${count("missing")} ${count("missing") === 1 ? "is" : "are"} missing. A test sees to it that the names exist.\n\n${tables.join("\n")}\n${reproduced}`;
}
