/** The pages, in the order of the index: which names they hold, and what they say first. */
const pages = [
  {
    file: "tensors.md",
    title: "Tensors",
    holds: ({ name, file }) => !name.includes(".") && /^src\/(tensor|device)\//.test(file),
    intro: "Making tensors, reading them, and the errors that the library throws.",
  },
  {
    file: "operations.md",
    title: "Operations",
    holds: ({ name, file }) => !name.includes(".") && file.startsWith("src/operations/"),
    intro: `Every operation is a function, and a method of its first tensor: \`add(x, y)\` is \`x.add(y)\`. A number may stand in place of
a tensor. *Result* says the dtype: that of the input (same), the one in which all inputs meet (meet), that with truth
values counted (total), a float (float), or always the same (bool, int32). Where *derivatives* are, they are of any order.`,
  },
  {
    file: "derivatives.md",
    title: "Derivatives and transformations",
    holds: ({ name, file }) => (name.startsWith("tree.") || !name.includes(".")) && file.startsWith("src/gradient/"),
    intro: "Gradients are functional: a function goes in, a function or a value with derivatives comes out.",
  },
  namespace("nn", "Modules", "Layers and models: classes whose fields are their parameters and children."),
  namespace(
    "nn.models",
    "Ready models",
    "Networks of the literature, with the names and layouts of their parameters as published.",
  ),
  namespace("losses", "Losses", "Functions of predictions and targets, to be made small."),
  namespace("optim", "Optimisers and schedules", "How parameters follow their gradients."),
  namespace("random", "Random numbers", "Keys that always draw the same numbers, and distributions."),
  namespace("data", "Data", "Sets, files, text, images, synthetic tasks."),
  namespace("metrics", "Metrics", "Measures of what came out, for whole arrays and batch by batch."),
  {
    file: "training.md",
    title: "Training",
    holds: ({ name, file }) => !name.includes(".") && /^src\/(train|metrics|optim)\//.test(file),
    intro: "Loops that can be left at any time, and what is kept of them.",
  },
  {
    file: "files.md",
    title: "Saving and exchange",
    holds: ({ name, file }) => !name.includes(".") && file.startsWith("src/io/"),
    intro: "Parameters, arrays and models in files that other programs read, too.",
  },
  {
    file: "inspect.md",
    title: "Seeing what was learned",
    holds: ({ name, file }) => name.startsWith("inspect.") || (!name.includes(".") && file.startsWith("src/inspect/")),
    intro: "Looking into models: activations, saliency, embeddings, similarity.",
  },
  {
    file: "inference.md",
    title: "Sequence inference",
    holds: ({ name, file }) =>
      name.startsWith("inference.") || (!name.includes(".") && file.startsWith("src/inference/")),
    intro: "Hidden Markov models, conditional random fields, lattices and language models of n-grams.",
  },
];

function namespace(space, title, intro) {
  const holds = ({ name }) => name.startsWith(`${space}.`) && !name.slice(space.length + 1).includes(".");
  return { file: `${space.replace(".", "-")}.md`, title, holds, intro };
}

/** Every page by its file name, from what `readLibrary` found, the table of operations and the rule in which dtypes meet. */
export function writePages(entries, operations, promote) {
  const left = new Set(entries);
  const written = pages.map((page) => {
    const held = entries.filter((entry) => left.has(entry) && page.holds(entry));
    for (const entry of held) left.delete(entry);
    return { page, held };
  });
  if (left.size > 0) throw new Error(`No page holds ${[...left].map(({ name }) => name).join(", ")}.`);
  const files = written.map(({ page, held }) => [page.file, pageOf(page, held, operations, promote)]);
  const index = written.map(
    ({ page, held }) =>
      `| [${page.title}](${page.file}) | ${held.filter(isMain).length} | ${page.intro.split("\n")[0]} |`,
  );
  return Object.fromEntries([
    ...files,
    [
      "README.md",
      `# What gradbook has\n\nGenerated from the source by \`npm run docs\`; every example in it is run by a test.\n\n| page | names | |\n| --- | ---: | --- |\n${index.join("\n")}\n| [Features](features.md) | | what a complete library has, and whether it is there |\n`,
    ],
  ]);
}

const isMain = ({ kind }) => kind !== "interface" && kind !== "type";

function pageOf({ title, intro, file }, held, operations, promote) {
  const byName = (a, b) => a.name.toLowerCase().localeCompare(b.name.toLowerCase(), "en");
  const main = held.filter(isMain).sort(byName);
  const types = held.filter((entry) => !isMain(entry)).sort(byName);
  const table = file === "operations.md" ? `${meetings(promote)}\n\n${operationTable(main, operations)}\n\n` : "";
  const tail = types.length === 0 ? "" : `\n## Types\n\n${types.map((entry) => section(entry, "###")).join("\n")}`;
  return `# ${title}\n\n${intro}\n\n${table}${main.map((entry) => section(entry, "##")).join("\n")}${tail}`;
}

/** In which dtype two meet. */
function meetings(promote) {
  const dtypes = ["bool", "int32", "float32", "float64"];
  const rows = dtypes.map((a) => `| **${a}** | ${dtypes.map((b) => promote([a, b])).join(" | ")} |`);
  return `| | ${dtypes.join(" | ")} |\n| --- | --- | --- | --- | --- |\n${rows.join("\n")}\n\nA plain number takes the dtype of the tensor beside it; a fraction beside integers gives float32.`;
}

/** One line for each operation: what it takes, what dtype comes out, whether it has derivatives. */
function operationTable(main, operations) {
  const rows = main
    .filter(({ kind }) => kind === "operation")
    .map(({ name, dtype, text }) => {
      const record = operations.get(name);
      const inputs = record.inputs.join(", ");
      return `| [${name}](#${name.toLowerCase()}) | ${inputs} | ${dtype} | ${record.pullback === null ? "" : "yes"} | ${firstSentence(text)} |`;
    });
  return `| operation | inputs | result | derivatives | |\n| --- | --- | --- | --- | --- |\n${rows.join("\n")}`;
}

function firstSentence(text) {
  const flat = text.replace(/\s+/g, " ");
  return (/^.*?[.:;](?= |$)/.exec(flat)?.[0] ?? flat).replace(/[:;]$/, ".").replace(/\|/g, "\\|");
}

function section({ name, signatures, text, throws, examples, members, file, line }, level) {
  const code = signatures.length === 0 ? "" : `\`\`\`\n${signatures.join("\n")}\n\`\`\`\n\n`;
  const refusals = throws.map((text) => `Throws ${text.replace(/^\{?(\w+Error)\}?/, "`$1`")}\n\n`).join("");
  const list = members.map(
    ({ signature, text }) => `- \`${signature}\`${text === "" ? "" : `: ${text.replace(/\s+/g, " ")}`}`,
  );
  const parts = list.length === 0 ? "" : `${list.join("\n")}\n\n`;
  const shown = examples.map((example) => `${example}\n\n`).join("");
  return `${level} ${name}\n\n${code}${text === "" ? "" : `${text}\n\n`}${refusals}${parts}${shown}<sub>[source](../${file}#L${line})</sub>\n`;
}
