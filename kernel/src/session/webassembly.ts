// The WebAssembly of Node: in TypeScript's own library it comes only together with everything of a browser.

export {};

type Bytes = ArrayBufferView | ArrayBuffer;
type NumberType = "i32" | "i64" | "f32" | "f64";
type ReferenceType = "anyfunc" | "externref";
type ExternalKind = "function" | "global" | "memory" | "table";

interface ExternalDescription {
  readonly name: string;
  readonly kind: ExternalKind;
}

declare global {
  namespace WebAssembly {
    // biome-ignore lint/suspicious/noExplicitAny: what a module exports is known to its author alone.
    type Exports = Record<string, any>;
    type Imports = Record<string, Record<string, unknown>>;

    class Module {
      constructor(bytes: Bytes);
      static exports(module: Module): ExternalDescription[];
      static imports(module: Module): (ExternalDescription & { readonly module: string })[];
      static customSections(module: Module, name: string): ArrayBuffer[];
    }

    class Instance {
      constructor(module: Module, imports?: Imports);
      readonly exports: Exports;
    }

    class Memory {
      constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
      readonly buffer: ArrayBuffer;
      /** Adds pages of 64 KiB; returns how many there were. */
      grow(pages: number): number;
    }

    class Global<T = number | bigint> {
      constructor(descriptor: { value: NumberType | ReferenceType; mutable?: boolean }, value?: T);
      value: T;
      valueOf(): T;
    }

    class Table {
      constructor(descriptor: { element: ReferenceType; initial: number; maximum?: number }, value?: unknown);
      readonly length: number;
      // biome-ignore lint/suspicious/noExplicitAny: what a table holds is known to its author alone.
      get(index: number): any;
      set(index: number, value?: unknown): void;
      grow(by: number, value?: unknown): number;
    }

    class CompileError extends Error {}
    class LinkError extends Error {}
    class RuntimeError extends Error {}

    function validate(bytes: Bytes): boolean;
    function compile(bytes: Bytes): Promise<Module>;
    function instantiate(bytes: Bytes, imports?: Imports): Promise<{ module: Module; instance: Instance }>;
    function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  }
}
