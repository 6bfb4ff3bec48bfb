// node --import …/start.mjs PROGRAM.ts: runs TypeScript as it stands. In the sources that it imports, what gives the CPU
// device its memory is replaced by what puts guards around it.
import { register } from "node:module";

register("./hooks.mjs", import.meta.url);
