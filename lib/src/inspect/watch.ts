export { type Call, type Model, mapOutput, type Run, watching } from "../nn/watch.ts";
