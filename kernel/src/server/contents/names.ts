/**
 * The names to try for something new, best first: the name itself, then with numbers, in front of the ending:
 * `Untitled.ipynb`, `Untitled1.ipynb`, …
 * @param insert what stands between name and number
 */
export function* numbered(name: string, insert: string): Generator<string> {
  // `data.tar.gz` has the ending `.tar.gz`, but the dots in `chapter 1.2.ipynb` belong to the name.
  const dot = name.endsWith(".ipynb") ? name.lastIndexOf(".") : name.indexOf(".", 1);
  const [stem, ending] = dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
  yield name;
  for (let number = 1; ; number++) yield `${stem}${insert}${number}${ending}`;
}

/** The names for a copy: that of a copy's copy does not grow. */
export function copyNames(name: string): Generator<string> {
  return numbered(name.replace(/-Copy\d*(?=\.|$)/, ""), "-Copy");
}

/** The names for something new of a type. */
export function untitledNames(type: "notebook" | "file" | "directory", extension: string): Generator<string> {
  if (type === "directory") return numbered("Untitled Folder", " ");
  return type === "notebook" ? numbered("Untitled.ipynb", "") : numbered(`untitled${extension}`, "");
}
