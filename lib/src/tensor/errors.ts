export * from "../device/errors.ts";
