import type * as TypeScript from "@tslab/typescript-for-tslab";
import { LivingProgram } from "./living-program.ts";
import { parse, target } from "./source-files.ts";
import type { ProgramFile, TS } from "./typescript.ts";

/** What the compiler writes for a file: code and its source map, as JSON. */
export interface Emitted {
  readonly text: string;
  readonly map: string;
}

const input = "custom.js";
/** After how many conversions the program is made anew. */
const oldAge = 200;
const mapComments = /(\n?\/\/# sourceMappingURL=.*)+\s*$/;

/** Turns ES modules into CommonJS. */
export class CommonJS {
  readonly #ts: TS;
  readonly #options: TypeScript.CompilerOptions;
  #living: LivingProgram | undefined;
  #age = 0;

  constructor(ts: TS) {
    this.#ts = ts;
    this.#options = {
      module: ts.ModuleKind.CommonJS,
      target,
      esModuleInterop: true,
      newLine: ts.NewLineKind.LineFeed,
      noImplicitUseStrict: true,
      sourceMap: true,
      allowJs: true,
      isolatedModules: true,
      noLib: true,
      noResolve: true,
      types: [],
      suppressOutputPathCheck: true,
      allowNonTsExtensions: true,
    };
  }

  convert(code: string, transformers: TypeScript.CustomTransformers = {}): Emitted {
    const file = parse(this.#ts, input, code, this.#options);
    const program = this.#programWith(file);
    let text = "";
    let map = "";
    program.emit(
      file,
      (name, written) => {
        if (name.endsWith(".map")) map = written;
        else text = written;
      },
      undefined,
      undefined,
      transformers,
    );
    return { text: text.replace(mapComments, ""), map };
  }

  #programWith(file: ProgramFile): TypeScript.Program {
    // Its checker keeps a little of every file it has seen; without a library a new one costs next to nothing.
    if (this.#living && ++this.#age < oldAge) {
      this.#living.adopt(file);
      this.#living.exchange([file]);
      return this.#living.program;
    }
    this.#age = 0;
    const host: TypeScript.CompilerHost = {
      getSourceFile: (name) => (name === input ? file : undefined),
      writeFile: () => undefined,
      getDefaultLibFileName: () => "lib.d.ts",
      useCaseSensitiveFileNames: () => true,
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => "",
      getNewLine: () => "\n",
      fileExists: (name) => name === input,
      readFile: () => "",
      directoryExists: () => true,
      getDirectories: () => [],
    };
    const program = this.#ts.createProgram([input], this.#options, host);
    // Was checked before it was converted to JavaScript.
    (program as { isSourceOfProjectReferenceRedirect?: () => boolean }).isSourceOfProjectReferenceRedirect = () => true;
    this.#living = new LivingProgram(this.#ts, program, [file]);
    return program;
  }
}
