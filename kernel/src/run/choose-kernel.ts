import { type FoundKernelSpec, findKernelSpecs, OWN_NAME, ownKernelSpec } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";
import { isObject, type Notebook } from "./notebook.ts";

/** A notebook whose kernel is not there. */
export class UnknownKernelError extends Problem {
  override readonly name = "UnknownKernelError";
}

/**
 * Decides which kernel runs a notebook: the one asked for; ours for a notebook in TypeScript or without a word about
 * its kernel, whether it is installed or not; otherwise the installed one that the notebook names.
 * @throws UnknownKernelError when that is not installed.
 */
export async function chooseKernel(notebook: Notebook, asked?: string): Promise<FoundKernelSpec> {
  const own = { name: OWN_NAME, spec: ownKernelSpec() };
  const { kernelspec, language_info } = notebook.metadata;
  const named = isObject(kernelspec) && typeof kernelspec.name === "string" ? kernelspec.name : undefined;
  const language =
    (isObject(kernelspec) && kernelspec.language) || (isObject(language_info) && language_info.name) || undefined;
  const name = (asked ?? named)?.toLowerCase();
  if (name === OWN_NAME) return own;
  if (asked === undefined) {
    if (typeof language === "string" && language.toLowerCase() === "typescript") return own;
    if (named === undefined && language === undefined) return own;
  }
  const installed = await findKernelSpecs();
  const found = installed.find((spec) =>
    name === undefined ? spec.spec.language.toLowerCase() === language : spec.name === name,
  );
  if (found) return found;
  const names = [own, ...installed].map((spec) => spec.name).join(", ");
  throw new UnknownKernelError(
    `The kernel ${JSON.stringify(name ?? language)}${asked === undefined ? ", which the notebook names," : ""} is not installed. Installed: ${names}. Choose one with --kernel NAME.`,
  );
}
