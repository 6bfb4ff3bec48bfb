import { currentDevice } from "../device/current.ts";

/** What a result depends on: enough to say later how it came about. */
export interface RunCard {
  readonly date: string;
  readonly gradbook: string;
  readonly runtime: string;
  readonly platform: string;
  readonly device: string;
  readonly [what: string]: string | number;
}

export const version = "0.1.0";

/** A run card with your own entries (seed, rate …) beside versions and device. */
export function runCard(entries: Readonly<Record<string, string | number>> = {}): RunCard {
  const { versions, platform, arch } = globalThis.process;
  return {
    date: new Date().toISOString(),
    gradbook: version,
    runtime: `node ${versions.node}, v8 ${versions.v8}`,
    platform: `${platform} ${arch}`,
    device: currentDevice().name,
    ...entries,
  };
}
