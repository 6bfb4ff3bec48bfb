import type { AttentionCotangents, AttentionViews, Buffer, View } from "../../../device.ts";
import type { Context } from "../../context.ts";
import { MOST_WORDS } from "../../launcher.ts";
import { buffersOf } from "../map.ts";
import { backToKeys, backToQueries, REMEMBERED } from "./backward.ts";
import { type Blocks, blockOf, columnsOf, sharedBytes } from "./blocks.ts";
import { forward } from "./forward.ts";
import { Problem } from "./problem.ts";

/** Workgroups below which blocks are smaller, so that there are more of them. */
const ENOUGH = 128;

/** Attention in one program; undefined where the GPU does not bind so much, or there is nothing to do. */
export function attend(context: Context, views: AttentionViews): Buffer | undefined {
  const problem = new Problem(views);
  const { matrices, queries, width } = problem;
  const blocks = blocksFor(context, matrices, queries, width);
  const groups = groupsOf(problem, blocks, queries, width);
  if (!fits(context, problem, groups, 1)) return undefined;
  const out = context.make("float32", matrices * queries * width);
  const key = `attend ${blocks.side} ${blocks.fours} ${problem.key}`;
  context.run(key, () => forward(problem, blocks), problem.words, buffersOf(problem.views), [out], groups);
  return out;
}

/** The cotangents of queries, keys and values, in two programs; undefined where {@link attend} would be. */
export function attendBack(
  context: Context,
  views: AttentionViews,
  output: View,
  cotangent: View,
): AttentionCotangents | undefined {
  const [there, back] = [new Problem(views, { output, cotangent }), new Problem(views, { cotangent })];
  const { matrices, queries, keys, inner, width } = there;
  const byQuery = blocksFor(context, matrices, queries, inner);
  const byKey = blocksFor(context, matrices, keys, Math.max(inner, width));
  const [queryGroups, keyGroups] = [
    groupsOf(there, byQuery, queries, inner),
    groupsOf(back, byKey, keys, Math.max(inner, width)),
  ];
  if (!fits(context, there, queryGroups, 2) || !fits(context, back, keyGroups, 3)) return undefined;
  const make = (rows: number, columns: number) => context.make("float32", matrices * rows * columns);
  const remembered = make(queries, REMEMBERED);
  const [ofQueries, ofKeys, ofValues] = [make(queries, inner), make(keys, inner), make(keys, width)];
  context.run(
    `attend back to queries ${byQuery.side} ${byQuery.fours} ${there.key}`,
    () => backToQueries(there, byQuery),
    there.words,
    buffersOf(there.views),
    [ofQueries, remembered],
    queryGroups,
  );
  context.run(
    `attend back to keys ${byKey.side} ${byKey.fours} ${back.key}`,
    () => backToKeys(back, byKey),
    back.words,
    [...buffersOf(back.views), remembered],
    [ofKeys, ofValues],
    keyGroups,
  );
  context.free(remembered);
  return { queries: ofQueries, keys: ofKeys, values: ofValues };
}

/** Large blocks where there are enough of them and the GPU shares as much memory; not where threads are emulated. */
function blocksFor({ launcher, software }: Context, matrices: number, rows: number, columns: number): Blocks {
  const large: Blocks = { side: 16, fours: columns <= 64 ? 1 : 2 };
  const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = launcher.gpu.limits;
  const can =
    !software && sharedBytes(large) <= maxComputeWorkgroupStorageSize && maxComputeInvocationsPerWorkgroup >= 256;
  const count = matrices * Math.ceil(rows / blockOf(large)) * Math.ceil(columns / columnsOf(large));
  return can && count >= ENOUGH ? large : { side: 8, fours: columns <= 32 ? 1 : columns <= 64 ? 2 : 4 };
}

type Groups = readonly [number, number, number];

const groupsOf = ({ matrices }: Problem, blocks: Blocks, rows: number, columns: number): Groups => [
  Math.ceil(rows / blockOf(blocks)),
  Math.ceil(columns / columnsOf(blocks)),
  matrices,
];

function fits(context: Context, { views, words, matrices, keys, width, inner }: Problem, groups: Groups, more: number) {
  const arrays = views.length + more;
  const something = matrices * keys * width * inner > 0;
  return (
    something &&
    arrays <= context.mostReads + 1 &&
    words.length <= MOST_WORDS &&
    groups.every((count) => count > 0 && count <= 65535)
  );
}
