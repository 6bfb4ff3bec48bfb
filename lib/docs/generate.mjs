import { writeFileSync } from "node:fs";
import { operations, promote } from "gradbook";
import { readFeatures, readSystems, writeFeatures } from "./features.mjs";
import { readLibrary } from "./read.mjs";
import { writePages } from "./write.mjs";

const pages = {
  ...writePages(readLibrary(), operations, promote),
  "features.md": writeFeatures(readFeatures(), readSystems()),
};
for (const [file, text] of Object.entries(pages)) writeFileSync(new URL(file, import.meta.url), text);
console.log(`Wrote ${Object.keys(pages).length} pages in lib/docs.`);
