export { Key, seed } from "./key.ts";
