import type { DType } from "../../device.ts";
import type { Source } from "../launcher.ts";
import { storedType } from "./expression.ts";
import { withFunctions } from "./functions.ts";

/** The parameter at a place, as an integer; a float lies there by its bits. */
export const word = (place: number) => `P[${place >> 2}].${"xyzw"[place & 3]}`;
export const floatWord = (place: number) => `bitcast<f32>(${word(place)})`;

const scratch = new Float32Array(1);
const scratchBits = new Int32Array(scratch.buffer);

/** The bits of a float, as parameters hold it. */
export function bitsOf(value: number): number {
  scratch[0] = value;
  return scratchBits[0]!;
}

/** Threads in a workgroup of programs that do one thing for each element. */
export const THREADS = 64;

interface Parts {
  /** What the arrays `A0`, `A1` … hold that it reads, and `Y0` … that it writes. */
  readonly reads: readonly DType[];
  readonly writes: readonly DType[];
  /** Functions and workgroup memory of its own. */
  readonly outside?: string;
  readonly body: string;
}

function assembled({ reads, writes, outside = "", body }: Parts, entry: string): Source {
  const bindings = [
    "@group(0) @binding(0) var<uniform> P: array<vec4i, 32>;",
    ...reads.map((dtype, i) => `@group(0) @binding(${1 + i}) var<storage, read> A${i}: array<${storedType(dtype)}>;`),
    ...writes.map(
      (dtype, i) =>
        `@group(0) @binding(${1 + reads.length + i}) var<storage, read_write> Y${i}: array<${storedType(dtype)}>;`,
    ),
  ];
  const code = `${bindings.join("\n")}\n${withFunctions(`${outside}\n${entry}\n${body}\n}`)}`;
  return { code, reads: reads.length, writes: writes.length };
}

/** A program that runs once for each `i` below its first parameter. */
export function perElement(parts: Parts): Source {
  return assembled(
    parts,
    `@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) thread: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = i32(thread.x + thread.y * groups.x * ${THREADS}u);
  if (i >= ${word(0)}) { return; }`,
  );
}

/** A program whose workgroups, `group` below its first parameter, share work among threads `t`. */
export function perGroup(threads: number, parts: Parts): Source {
  return assembled(
    parts,
    `@compute @workgroup_size(${threads})
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) place: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let t = i32(thread);
  let group = i32(place.x + place.y * groups.x);
  if (group >= ${word(0)}) { return; }`,
  );
}

/** A program whose workgroups lie in a grid, `place`. */
export function perTile(threads: readonly [number, number], parts: Parts): Source {
  return assembled(
    parts,
    `@compute @workgroup_size(${threads[0]}, ${threads[1]})
fn main(@builtin(local_invocation_id) thread: vec3u, @builtin(local_invocation_index) t: u32, @builtin(workgroup_id) place: vec3u) {`,
  );
}

/** That many workgroups, in two dimensions where one does not hold them. */
export function groupsOf(count: number): [number, number, number] {
  const most = 65535;
  if (count <= most) return [count, 1, 1];
  const rows = Math.ceil(count / most);
  return [Math.ceil(count / rows), rows, 1];
}

/** The workgroups of a program that runs once for each of `count` elements. */
export const groupsFor = (count: number) => groupsOf(Math.ceil(count / THREADS));
