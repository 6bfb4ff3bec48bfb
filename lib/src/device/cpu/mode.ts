const modes = ["x86", "wasm", "plain"] as const;

/** How far the CPU device goes: to machine code, to WebAssembly, or not beyond the reference, in plain loops. */
export type Mode = (typeof modes)[number];

/** What the environment variable `GRADBOOK_CPU` asks for; nothing: the fastest that the machine has. */
export function modeAsked(): Mode | undefined {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } };
  const asked = process?.env?.GRADBOOK_CPU;
  if (asked === undefined || asked === "") return undefined;
  const mode = modes.find((each) => each === asked);
  if (mode !== undefined) return mode;
  throw new Error(
    `The environment variable GRADBOOK_CPU is ${JSON.stringify(asked)}, expected ${modes.join(", ")}, or nothing for the fastest that there is.`,
  );
}
