import { createRequire } from "node:module";

/**
 * A library for files, loaded when it is needed: together they take longer to start than this one. Only what is published
 * in a form for `require`, too, can be had so in every supported Node.
 */
export const required = createRequire(import.meta.url) as <T>(name: string) => T;
