import { type FoundKernelSpec, findKernelSpecs, OWN_NAME, ownKernelSpec } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";
import { isObject, type Notebook } from "./notebook.ts";

/** A notebook whose kernel is not there. */
export class UnknownKernelError extends Problem {
  override readonly name = "UnknownKernelError";
}

/** Kernels of tslab and what came before it, by their names: what was written for them is checked as they check. */
const tslabs: Readonly<Record<string, "loose" | "off" | undefined>> = {
  tslab: "loose",
  typescript: "loose",
  jslab: "off",
};

/** What kernels there are to choose from. */
export interface Choice {
  /** The one for TypeScript, and for notebooks without a word about their kernel. */
  own: FoundKernelSpec | undefined;
  /** All others, or all; asked for only when needed. */
  others: () => Promise<FoundKernelSpec[]>;
}

/** The kernels of this machine: ours, whether it is installed or not, and the installed ones. */
const ofThisMachine: Choice = { own: { name: OWN_NAME, spec: ownKernelSpec() }, others: () => findKernelSpecs() };

/** The kernels of a server. Where it does not have ours, another one for TypeScript takes its place. */
export function choiceOf(specs: FoundKernelSpec[]): Choice {
  const own = specs.find(({ name }) => name === OWN_NAME) ?? specs.find((found) => languageOf(found) === "typescript");
  return { own, others: async () => specs };
}

/**
 * Decides which kernel runs a notebook: the one asked for; ours for a notebook in TypeScript or without a word about
 * its kernel; otherwise the installed one that the notebook names.
 * @throws UnknownKernelError when that is not installed.
 */
export async function chooseKernel(
  notebook: Notebook,
  asked?: string,
  { own, others }: Choice = ofThisMachine,
): Promise<FoundKernelSpec> {
  const { kernelspec, language_info } = notebook.metadata;
  const named = isObject(kernelspec) && typeof kernelspec.name === "string" ? kernelspec.name : undefined;
  const language =
    (isObject(kernelspec) && kernelspec.language) || (isObject(language_info) && language_info.name) || undefined;
  const name = (asked ?? named)?.toLowerCase();
  const writtenFor = name === undefined ? undefined : tslabs[name];
  if (own && name === own.name) return own;
  if (own && asked === undefined) {
    if (writtenFor === "loose") return checking(own, writtenFor);
    if (typeof language === "string" && language.toLowerCase() === "typescript") return own;
    if (named === undefined && language === undefined) return own;
  }
  const installed = await others();
  const wanted = language ?? "typescript";
  const found = installed.find((spec) =>
    name === undefined ? languageOf(spec) === String(wanted).toLowerCase() : spec.name.toLowerCase() === name,
  );
  if (found) return found;
  if (own && writtenFor) return checking(own, writtenFor);
  const names = [...new Set([...(own ? [own] : []), ...installed].map((spec) => spec.name))].join(", ");
  throw new UnknownKernelError(
    `The kernel ${JSON.stringify(name ?? wanted)}${asked === undefined && named !== undefined ? ", which the notebook names," : ""} is not installed. Installed: ${names}. Choose one with --kernel NAME.`,
  );
}

function checking(found: FoundKernelSpec, GRADBOOK_CHECK: "loose" | "off"): FoundKernelSpec {
  return { ...found, env: { GRADBOOK_CHECK } };
}

function languageOf({ spec }: FoundKernelSpec): string {
  return spec.language.toLowerCase();
}
