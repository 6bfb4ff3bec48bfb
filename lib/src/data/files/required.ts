import { createRequire } from "../../device/node.ts";

/**
 * A library for files, loaded when it is needed: together they take longer to start than this one. Only what is published
 * in a form for `require`, too, can be had so in every supported Node.
 */
export const required = <T>(name: string): T => createRequire(import.meta.url)(name) as T;
