// What the language process costs: node kernel/bench/compile.mjs (after npm run build). In milliseconds: of
// processor time inside one process, which other work on the machine disturbs little; of the clock between two.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotebookLanguage } from "../dist/session/service.js";
import { isUsable, snapshotFile } from "../dist/session/snapshot.js";
import { LanguageProcess } from "../dist/supervisor/language-process.js";

const folder = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
process.chdir(folder);
const language = new NotebookLanguage(folder);

function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function compile(declarations, code) {
  const start = processorTime();
  const result = language.compile(declarations, code);
  const time = processorTime() - start;
  if ("problems" in result) throw new Error(`${code.slice(0, 100)}: ${result.problems[0].message}`);
  return { time, declarations: result.declarations };
}

function row(what, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part) => sorted[Math.floor((sorted.length - 1) * part)].toFixed(2).padStart(9);
  console.log(what.padEnd(48), "min", at(0), " median", at(0.5), " p95", at(0.95));
}

function session(what, count, cellOf, { skip = 0 } = {}) {
  let declarations = "";
  const times = [];
  for (let i = 0; i < count; i++) {
    const result = compile(declarations, cellOf(i));
    ({ declarations } = result);
    if (i >= skip) times.push(result.time);
  }
  row(what, times);
  return declarations;
}

row("first cell in this process", [compile("", "1 + 1").time]);
session("1 + i", 400, (i) => `1 + ${i}`, { skip: 200 });
session("console.log(i)", 400, (i) => `console.log(${i})`, { skip: 200 });
session("const x = [i].map(…)", 400, (i) => `const x = [${i}].map((y) => 2 * y);`, { skip: 200 });
session(
  "500 cells that declare something, the last 50",
  500,
  (i) =>
    `const value${i} = { a: ${i}, b: [${i}] }; interface T${i} { t: ${i} } function f${i}(x: T${i}) { return value${i}; }`,
  { skip: 450 },
);

const big = (line) => {
  let code = "";
  for (let i = 0; code.length < 300_000; i++) code += line(i);
  return code;
};
const after = (what, code, next) => {
  const result = compile("", code);
  row(`300 kB of ${what}`, [result.time]);
  const times = [];
  for (let i = 0; i < 10; i++) times.push(compile(result.declarations, next(i)).time);
  row(`  the cells after it (declarations: ${result.declarations.length} characters)`, times);
};
after(
  "declarations",
  big((i) => `const item${i} = { name: "item ${i}", value: ${i} };\n`),
  (i) => `item${i}.value + ${i}`,
);
after(
  "statements",
  big((i) => `console.log("line", ${i} * 2);\n`),
  (i) => `1 + ${i}`,
);
after(
  "an array",
  `const table = [\n${big((i) => `  { name: "row ${i}", value: ${i}, flag: ${i % 2 === 0} },\n`)}];`,
  (i) => `table[${i}].value`,
);
after("an object", `const record = {\n${big((i) => `  key${i}: { value: ${i} },\n`)}};`, (i) => `record.key${i}.value`);
after(
  "an array as const",
  `const fixed = [\n${big((i) => `  { name: "row ${i}", value: ${i} },\n`)}] as const;`,
  (i) => `fixed[${i}].value`,
);
after("a text", `const text = \`${big((i) => `line ${i} of it\n`)}\`;`, (i) => `text.length + ${i}`);
after(
  "functions",
  big((i) => `function work${i}(a: number, b = ${i}): number { return a * b + ${i}; }\n`),
  (i) => `work${i}(${i})`,
);

const declarations = session("(declarations for what follows)", 50, (i) => `const value${i} = [${i}];`);
for (const [what, ask] of [
  ["completion of a prefix", (i) => language.complete(declarations, `value${i % 10}`, 6)],
  ["completion after a dot", (i) => language.complete(declarations, `value${i % 10}.`, 7)],
  ["inspection", (i) => language.inspect(declarations, `value${i % 10}.map`, 9)],
]) {
  const times = [];
  for (let i = 0; i < 30; i++) {
    const start = processorTime();
    ask(i);
    times.push(processorTime() - start);
  }
  row(what, times);
}

const file = snapshotFile();
for (const [what, snapshot] of [
  ["without a snapshot", join(folder, "none.blob")],
  [`with the snapshot${file && isUsable(file) ? "" : " (which is not built yet)"}`, file],
]) {
  const times = [];
  const trips = [];
  for (let run = 0; run < 3; run++) {
    const start = performance.now();
    const child = new LanguageProcess({ snapshot });
    await child.compile("", "1 + 1");
    times.push(performance.now() - start);
    for (let i = 0; i < 100; i++) {
      const start = performance.now();
      await child.ask("isComplete", "1");
      trips.push(performance.now() - start);
    }
    child.close();
  }
  row(`process, start to first reply, ${what}`, times);
  row("  a question and its answer", trips);
}
process.exit(0);
