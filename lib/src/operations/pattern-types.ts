/** Types that read patterns such as `"bqd,bkd->bqk"` and `"b t (h d) -> b h t d"`, so that mistakes do not compile. */

/** The parts between separators. */
export type Split<S extends string, Separator extends string> = S extends `${infer Head}${Separator}${infer Tail}`
  ? [Head, ...Split<Tail, Separator>]
  : [S];

/** The text without every occurrence of another. */
export type Without<S extends string, Part extends string> = S extends `${infer Head}${Part}${infer Tail}`
  ? Without<`${Head}${Tail}`, Part>
  : S;

/** The letters in order, leaving out spaces and dots. */
export type Letters<S extends string, Found extends readonly string[] = []> = S extends `${infer Head}${infer Tail}`
  ? Letters<Tail, Head extends " " | "." ? Found : [...Found, Head]>
  : Found;

/** The words in order, brackets left out. */
export type Words<S extends string> = NotEmpty<Split<Spaced<S>, " ">>;
type Spaced<S extends string> = S extends `${infer Head}(${infer Tail}`
  ? Spaced<`${Head} ${Tail}`>
  : S extends `${infer Head})${infer Tail}`
    ? Spaced<`${Head} ${Tail}`>
    : S;
type NotEmpty<List extends readonly string[]> = List extends [infer Head extends string, ...infer Tail extends string[]]
  ? Head extends "" | "1"
    ? NotEmpty<Tail>
    : [Head, ...NotEmpty<Tail>]
  : [];

/** What stands more than once in a list, or never. */
export type Repeated<List extends readonly string[]> = List extends readonly [
  infer Head extends string,
  ...infer Tail extends readonly string[],
]
  ? Head extends Tail[number]
    ? Head
    : Repeated<Tail>
  : never;
