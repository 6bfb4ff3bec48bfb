import type { DType, Expression, Scalar } from "../../device.ts";

/** JavaScript for one scalar function; `a`, `b`, `c` are simple names, so they may be repeated. */
const templates: Readonly<Record<Scalar, (a: string, b: string, c: string) => string>> = {
  neg: (a) => `-${a}`,
  abs: (a) => `Math.abs(${a})`,
  sign: (a) => `Math.sign(${a})`,
  floor: (a) => `Math.floor(${a})`,
  ceil: (a) => `Math.ceil(${a})`,
  round: (a) => `scalars.round(${a})`,
  trunc: (a) => `Math.trunc(${a})`,
  sqrt: (a) => `Math.sqrt(${a})`,
  exp: (a) => `Math.exp(${a})`,
  expm1: (a) => `Math.expm1(${a})`,
  log: (a) => `Math.log(${a})`,
  log1p: (a) => `Math.log1p(${a})`,
  log2: (a) => `Math.log2(${a})`,
  sin: (a) => `Math.sin(${a})`,
  cos: (a) => `Math.cos(${a})`,
  tan: (a) => `Math.tan(${a})`,
  asin: (a) => `Math.asin(${a})`,
  acos: (a) => `Math.acos(${a})`,
  atan: (a) => `Math.atan(${a})`,
  sinh: (a) => `Math.sinh(${a})`,
  cosh: (a) => `Math.cosh(${a})`,
  tanh: (a) => `Math.tanh(${a})`,
  sigmoid: (a) => `1 / (1 + Math.exp(-${a}))`,
  // Without a branch, which random signs would mispredict half of the time.
  relu: (a) => `Math.max(${a}, 0)`,
  erf: (a) => `scalars.erf(${a})`,
  erfc: (a) => `scalars.erfc(${a})`,
  erfInv: (a) => `scalars.erfInv(${a})`,
  lgamma: (a) => `scalars.lgamma(${a})`,
  isNaN: (a) => `${a} !== ${a} ? 1 : 0`,
  isFinite: (a) => `Number.isFinite(${a}) ? 1 : 0`,
  not: (a) => `${a} === 0 ? 1 : 0`,
  cast: (a) => a,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  pow: (a, b) => `${a} ** ${b}`,
  remainder: (a, b) => `scalars.remainder(${a}, ${b})`,
  minimum: (a, b) => `Math.min(${a}, ${b})`,
  maximum: (a, b) => `Math.max(${a}, ${b})`,
  atan2: (a, b) => `Math.atan2(${a}, ${b})`,
  polygamma: (a, b) => `scalars.polygamma(${a}, ${b})`,
  less: (a, b) => `${a} < ${b} ? 1 : 0`,
  lessEqual: (a, b) => `${a} <= ${b} ? 1 : 0`,
  equal: (a, b) => `${a} === ${b} ? 1 : 0`,
  and: (a, b) => `${a} !== 0 && ${b} !== 0 ? 1 : 0`,
  or: (a, b) => `${a} !== 0 || ${b} !== 0 ? 1 : 0`,
  where: (a, b, c) => `${a} !== 0 ? ${b} : ${c}`,
};

/** Rounds to the dtype; with `Math.fround` around every step V8 computes in single precision. */
export function rounded(code: string, dtype: DType): string {
  if (dtype === "float32") return `fround(${code})`;
  if (dtype === "int32") return `Math.trunc(${code}) | 0`;
  if (dtype === "bool") return `(${code}) !== 0 ? 1 : 0`;
  return code;
}

export interface Constant {
  readonly value: number;
  readonly dtype: DType;
}

/** What is known of an expression before anything is compiled. */
export interface Structure {
  /** Short text that is equal for expressions of equal structure, whatever their constants: the key of compiled loops. */
  readonly key: string;
  /** In the order in which {@link statements} names them `k0`, `k1` … */
  readonly constants: readonly Constant[];
}

/** What stands in a key for a scalar function, and with it or a leaf for its dtype. */
const numbers = new Map(Object.keys(templates).map((scalar, i) => [scalar, 4 * (i + 2)]));
const kinds: Readonly<Record<DType, number>> = { float32: 0, float64: 1, int32: 2, bool: 3 };
const [INPUT, CONSTANT] = [0, 4];
/** Keys are put together here: strings that grow by letters would take longer than the loops that they name. */
const codes: number[] = [];

/** The structure of an expression in one walk: operations on small tensors take little longer than this. */
export function structureOf(expression: Expression): Structure {
  // Leaves are few: it is sooner looked through a list than asked a map. Others say where in theirs they are.
  const leaves: Expression[] = [];
  const nodes: Expression[] = [];
  const constants: Constant[] = [];
  let length = 0;
  /** Even numbers stand for leaves, odd ones for the rest. */
  const visit = (node: Expression): number => {
    if (node.kind === "apply") {
      const noted = node.place;
      if (noted !== undefined && nodes[noted] === node) return 2 * noted + 1;
      const { to } = node;
      const many = to.length;
      const a = visit(to[0]!);
      const b = many > 1 ? visit(to[1]!) : 0;
      const c = many > 2 ? visit(to[2]!) : 0;
      codes[length++] = numbers.get(node.scalar)! + kinds[node.dtype];
      codes[length++] = a;
      if (many > 1) codes[length++] = b;
      if (many > 2) codes[length++] = c;
      node.place = nodes.length;
      nodes.push(node);
      return 2 * node.place + 1;
    }
    const known = leaves.indexOf(node);
    if (known >= 0) return 2 * known;
    if (node.kind === "input") {
      codes[length++] = INPUT + kinds[node.dtype];
      codes[length++] = node.index;
    } else {
      codes[length++] = CONSTANT + kinds[node.dtype];
      constants.push(node);
    }
    return 2 * (leaves.push(node) - 1);
  };
  visit(expression);
  let key = "";
  for (let i = 0; i < length; i += MOST_AT_ONCE)
    key += String.fromCharCode(...codes.slice(i, Math.min(length, i + MOST_AT_ONCE)));
  return { key, constants };
}

/** Letters that are made in one call: each is an argument. */
const MOST_AT_ONCE = 4096;

/** Declarations that compute an expression from `x0`, `x1` … and `k0`, `k1` …, and the name of the result. */
export function statements(expression: Expression): { code: string; result: string } {
  const names = new Map<Expression, string>();
  const lines: string[] = [];
  let constants = 0;
  const visit = (node: Expression): string => {
    const known = names.get(node);
    if (known !== undefined) return known;
    let name: string;
    if (node.kind === "input") name = `x${node.index}`;
    else if (node.kind === "constant") name = `k${constants++}`;
    else {
      const [a = "", b = "", c = ""] = node.to.map(visit);
      name = `t${lines.length}`;
      const integer = node.scalar === "mul" && node.dtype === "int32";
      lines.push(
        `const ${name} = ${integer ? `Math.imul(${a}, ${b})` : rounded(templates[node.scalar](a, b, c), node.dtype)};`,
      );
    }
    names.set(node, name);
    return name;
  };
  const result = visit(expression);
  return { code: lines.join("\n"), result };
}
