"""TypeScript across cells. Cells print what they find, so that any TypeScript kernel can be asked."""

from checks import Area, contains, equal, holds, lacks, matches

cells = Area("TypeScript across cells", feature="typescript")
types = Area("type errors", feature="typescript")
areas = [cells, types]

# What a cell prints, after the cells before it.
STORIES = {
    "a variable may be declared anew with another type": (
        ["let x = 1;", 'let x = "text";'],
        "console.log(x.toUpperCase());",
        "TEXT",
    ),
    "a constant may be declared anew": (["const c = 1;", "const c = 2;"], "console.log(c);", "2"),
    "a function may be declared anew": (["function f() { return 1; }", "function f() { return 2; }"], "console.log(f());", "2"),
    "a class may be declared anew": (["class A { n = 1 }", "class A { n = 2; m = 3 }"], "console.log(new A().n, new A().m);", "2 3"),
    "an interface may be declared anew": (
        ["interface P { a: number }", "interface P { b: string }"],
        'const p: P = { b: "b" }; console.log(p.b);',
        "b",
    ),
    "a type may be declared anew": (["type T = number;", "type T = string;"], 'const t: T = "t"; console.log(t);', "t"),
    "an enumeration may be declared anew": (["enum E { A }", "enum E { A = 5, B }"], "console.log(E.A, E.B);", "5 6"),
    "a function may become a constant": (["function g() { return 1; }", "const g = () => 2;"], "console.log(g());", "2"),
    "a constant may become a class": (["const K = 1;", "class K { n = 2 }"], "console.log(new K().n);", "2"),
    "a let may be assigned in a later cell": (["let n = 1;", "n = 5;"], "console.log(n);", "5"),
    "a let is changed by a function of an earlier cell": (["let m = 1; const bump = () => { m++; };", "bump(); bump();"], "console.log(m);", "3"),
    "a function sees what a later cell assigns": (["let late = 1; const seen = () => late;", "late = 9;"], "console.log(seen());", "9"),
    "compound assignment reaches earlier variables": (["let s = 1;", "s += 4; s **= 2; s ??= 0;"], "console.log(s);", "25"),
    "increments reach earlier variables": (["let i1 = 1;", "i1++; ++i1; i1--;"], "console.log(i1);", "2"),
    "destructuring declares": (["const { a1, b1: { c1 }, ...rest1 } = { a1: 1, b1: { c1: 2 }, d1: 3, e1: 4 };"], "console.log(a1, c1, rest1);", "1 2 { d1: 3, e1: 4 }"),
    "destructuring of arrays declares": (["const [h, , t = 7, ...more1] = [1, 2, undefined, 4, 5];"], "console.log(h, t, more1);", "1 7 [ 4, 5 ]"),
    "destructuring assigns to earlier variables": (["let p1 = 1, q1 = 2;", "[p1, q1] = [q1, p1];"], "console.log(p1, q1);", "2 1"),
    "a block's let stays inside": (["let inner1 = 1; { let inner1 = 2; inner1; }"], "console.log(inner1);", "1"),
    "a parameter hides a variable": (["let hidden = 1; const take = (hidden: number) => hidden;"], "console.log(take(2), hidden);", "2 1"),
    "short properties take earlier variables": (["let short = 3;"], "console.log({ short });", "{ short: 3 }"),
    "a template takes earlier variables": (['let name1 = "Ada";'], "console.log(`${name1}!`);", "Ada!"),
    "typeof an earlier variable is known": (["let typed = 1;"], "console.log(typeof typed); const same: typeof typed = 2;", "number"),
    "a generic function keeps its types": (["function first<T>(list: T[]): T | undefined { return list[0]; }"], 'console.log(first(["a"])?.toUpperCase());', "A"),
    "a generic class keeps its types": (["class Box<T> { constructor(readonly value: T) {} map<U>(f: (value: T) => U) { return new Box(f(this.value)); } }"], "console.log(new Box(2).map((n) => String(n)).value.length);", "1"),
    "a class is extended in a later cell": (["class Animal { constructor(public name: string) {} say() { return this.name; } }"], 'class Dog extends Animal { override say() { return super.say() + "!"; } } console.log(new Dog("Rex").say());', "Rex!"),
    "an abstract class is implemented in a later cell": (["abstract class Shape { abstract area(): number; twice() { return 2 * this.area(); } }"], "class Square extends Shape { area() { return 4; } } console.log(new Square().twice());", "8"),
    "an interface is implemented in a later cell": (["interface Named { name: string }"], 'class N implements Named { name = "n" } const n1: Named = new N(); console.log(n1.name);', "n"),
    "private fields and static blocks work": (["class Counter { #n = 0; static made = 0; static { Counter.made = 10; } up() { return ++this.#n; } }", "const counter = new Counter();"], "console.log(counter.up(), counter.up(), Counter.made);", "1 2 10"),
    "getters, setters and computed names work": (['const key = "k"; class G { get [key]() { return 5; } set x(v: number) { console.log("set", v); } }'], "const g1 = new G(); g1.x = 3; console.log(g1.k);", "set 3\n5"),
    "parameter properties work": (["class Param { constructor(private readonly a: number, public b = 2) {} sum() { return this.a + this.b; } }"], "console.log(new Param(1).sum());", "3"),
    "decorators work": (["function shout(_: any, key: string, d: PropertyDescriptor) { const f = d.value; d.value = function () { return f.call(this).toUpperCase() + key; }; }"], 'class D { @shout hi() { return "hi "; } } console.log(new D().hi());', "HI hi"),
    "instanceof holds across cells": (["class Kind {}", "const kind = new Kind();"], "console.log(kind instanceof Kind);", "true"),
    "an enumeration is used in a later cell": (["enum Colour { Red, Green = 5, Blue }"], "console.log(Colour.Blue, Colour[5]);", "6 Green"),
    "an enumeration of strings is used in a later cell": (['enum Way { Up = "up" }'], "const w: Way = Way.Up; console.log(w);", "up"),
    "a constant enumeration is used in a later cell": (["const enum Level { Low = 1, High = 9 }"], "console.log(Level.High);", "9"),
    "a namespace is used in a later cell": (["namespace Maths { export const pi = 3; export function twice(n: number) { return 2 * n; } export interface Pair { a: number } }"], "const pair: Maths.Pair = { a: Maths.twice(Maths.pi) }; console.log(pair.a);", "6"),
    "namespaces nest": (["namespace Outer.Inner { export const deep = 1; }"], "console.log(Outer.Inner.deep);", "1"),
    "declarations merge within a cell": (["interface Merged { a: number } interface Merged { b: number } function merge() { return 1; } namespace merge { export const extra = 2; }"], "const both: Merged = { a: merge(), b: merge.extra }; console.log(both.a + both.b);", "3"),
    "overloads are kept": (["function over(a: number): number; function over(a: string): string; function over(a: any) { return a; }"], 'console.log(over("x").length, over(2).toFixed());', "1 2"),
    "global declarations reach later cells": (["declare global { interface Array<T> { final(): T } }\nArray.prototype.final = function () { return this[this.length - 1]; };"], "console.log([1, 2, 3].final());", "3"),
    "unions are narrowed": (['type Res = { ok: true; value: number } | { ok: false; error: string }; const res = (good: boolean): Res => good ? { ok: true, value: 1 } : { ok: false, error: "e" };'], "const r1 = res(true); if (r1.ok) console.log(r1.value); else console.log(r1.error);", "1"),
    "type guards are kept": (['function isText(x: unknown): x is string { return typeof x === "string"; }'], 'const u1: unknown = "abc"; if (isText(u1)) console.log(u1.length);', "3"),
    "assertion functions are kept": (["function sure(x: unknown): asserts x is number { if (typeof x !== 'number') throw new Error(); }"], "const u2: unknown = 4; sure(u2); console.log(u2.toFixed(1));", "4.0"),
    "mapped and conditional types are kept": (["type Optional<T> = { [K in keyof T]?: T[K] }; type Item<T> = T extends (infer U)[] ? U : never;"], "const o1: Optional<{ a: number }> = {}; const i2: Item<string[]> = 's'; console.log(o1.a, i2);", "undefined s"),
    "template literal types are kept": (["type Px = `${number}px`;"], 'const px: Px = "3px"; console.log(px);', "3px"),
    "satisfies and as const work": (["const palette = { red: [255, 0, 0] } as const satisfies Record<string, readonly number[]>;"], "console.log(palette.red[0]);", "255"),
    "tuples keep their names": (["type Range = [start: number, end?: number];"], "const range: Range = [1]; console.log(range.length);", "1"),
    "symbols as keys are kept": (["const tag = Symbol('tag'); const tagged = { [tag]: 1 };"], "console.log(tagged[tag]);", "1"),
    "this types are kept": (["class Chain { n = 0; add(n: number): this { this.n += n; return this; } }"], "console.log(new Chain().add(1).add(2).n);", "3"),
    "optional chaining and nullish coalescing work": (["const maybe: { a?: { b: number } } = {};"], "console.log(maybe.a?.b ?? 'none');", "none"),
    "an await at the top gives its value": (["const waited = await Promise.resolve(5);"], "console.log(waited + 1);", "6"),
    "an await in the middle of expressions works": ([], "console.log([await 1, ...(await Promise.all([2, 3]))].length);", "3"),
    "for await works at the top": ([], "for await (const n of [1, Promise.resolve(2)]) console.log(n);", "1\n2"),
    "an asynchronous generator of an earlier cell works": (["async function* upTo(n: number) { for (let i = 0; i < n; i++) yield i; }"], "let sum1 = 0; for await (const n of upTo(4)) sum1 += n; console.log(sum1);", "6"),
    "a generator of an earlier cell goes on where it was": (["function* steps1() { yield 1; yield 2; } const walk = steps1();", "walk.next();"], "console.log(walk.next().value);", "2"),
    "a promise of an earlier cell is awaited": (["const slow = new Promise<string>((r) => setTimeout(r, 50, 'slow'));"], "console.log(await slow);", "slow"),
    "a closure keeps its cell's variables": (["function maker() { let n = 0; return () => ++n; } const next1 = maker();", "next1();"], "console.log(next1());", "2"),
    "recursion works": (["function fib(n: number): number { return n < 2 ? n : fib(n - 1) + fib(n - 2); }"], "console.log(fib(10));", "55"),
    "functions may be used before they stand": ([], "console.log(early()); function early() { return 1; }", "1"),
    "names that begin with underscores are left alone": (["const __secret = 1, _single = 2, ___three = 3; function __f() { return 4; }"], "console.log(__secret, _single, ___three, __f());", "1 2 3 4"),
    "a property that begins with underscores is left alone": (["const holder = { __inner: 1, __proto: 2 };"], "console.log(holder.__inner, Object.keys(holder));", "1 [ '__inner', '__proto' ]"),
    "names outside of ASCII work": (["const größe = 1, π = 3.14, 変数 = 5;"], "console.log(größe, π, 変数);", "1 3.14 5"),
    "names of JavaScript's own globals may be used": (["const name = 'n'; const status = 's'; const length = 3;"], "console.log(name, status, length);", "n s 3"),
    "exports is a name like others": (["const module1 = { exports: 1 };"], "console.log(module1.exports);", "1"),
    "export is allowed, and changes nothing": (["export const exported = 1; export function exportedToo() { return 2; } export type ExportedType = number;"], "const e1: ExportedType = exported + exportedToo(); console.log(e1);", "3"),
    "a label and a comma work": ([], "out: for (const a of [1, 2]) { for (;;) { if (a === 1) continue out; break out; } } console.log((Math.abs(1), 2));", "2"),
    "large integers and separators work": ([], "console.log(2n ** 64n, 1_000_000);", "18446744073709551616n 1000000"),
    "regular expressions with names and flags work": ([], "console.log(/(?<year>\\d{4})/u.exec('in 2026')?.groups?.year);", "2026"),
    "errors have causes": ([], "try { throw new Error('outer', { cause: 'inner' }); } catch (e) { console.log((e as Error).cause); }", "inner"),
    "modern methods are known": ([], "console.log([1, 2, 3].at(-1), Object.hasOwn({ a: 1 }, 'a'), 'a-b'.replaceAll('-', '+'), [3, 1].findLast((n) => n > 0), structuredClone({ b: 1 }));", "3 true a+b 1 { b: 1 }"),
    "using many declarations in one cell works": (["".join(f"const many{n} = {n};\n" for n in range(300))], "console.log(many0 + many299);", "299"),
    "a shebang-free comment at the top works": ([], "// first\n/* second */ console.log('after comments');", "after comments"),
    "strings with odd line ends work": ([], "console.log('a\\u2028b'.length, `x\ny`.length);", "3 3"),
    "a cell without semicolons works": (["const noSemi = 1\nconst other1 = noSemi + 1"], "console.log(other1)", "2"),
    "a type-only cell does nothing": (["type Only = number;", "interface Alone { a: Only }"], "const alone: Alone = { a: 1 }; console.log(alone.a);", "1"),
    "declare adds a global that exists elsewhere": (["(globalThis as any).planted = 5; declare const planted: number;"], "console.log((globalThis as any).planted);", "5"),
    "globalThis is shared": (["(globalThis as any).everywhere = 6;"], "console.log((globalThis as any).everywhere);", "6"),
    "this at the top is not the module's secret": ([], "console.log(typeof this === 'undefined' || typeof this === 'object');", "true"),
    "objects keep their identity": (["const ident = {}; const copy = ident;"], "console.log(ident === copy);", "true"),
    "arrays are arrays everywhere": (["const list1 = [1];"], "console.log(Array.isArray(list1), list1 instanceof Array);", "true true"),
    "errors are errors everywhere": (["const err1 = new TypeError('x');"], "console.log(err1 instanceof Error, require('node:util').types.isNativeError(err1));", "true true"),
    "a timer's value is used later": (["let ticked = 0; setTimeout(() => { ticked = 1; }, 10);"], "await new Promise((r) => setTimeout(r, 60)); console.log(ticked);", "1"),
}


@cells.each("{}", STORIES)
def _(kernel, story):
    before, last, printed = story
    for code in before:
        kernel.ok(code)
    equal(kernel.prints(last), printed + "\n")


@cells.check("what was assigned before an error is kept, what was not is as it was")
def _(kernel):
    kernel.ok("let first1 = 1, second1 = 2;")
    kernel.run("first1 = 10; const third1 = 3; throw new Error('x'); second1 = 20;")
    equal(kernel.prints("console.log(first1, second1, third1);"), "10 2 3\n")


@cells.check("a name that a failed cell never gave a value keeps its old type")
def _(kernel):
    kernel.ok("let survivor = 1;")
    kernel.run("throw new Error('x'); let survivor = 'text';")
    equal(kernel.prints("console.log(survivor.toFixed(1));"), "1.0\n")


@cells.check("a function of a failed cell may be called")
def _(kernel):
    kernel.run("function despite() { return 1; } throw new Error('x');")
    equal(kernel.prints("console.log(despite());"), "1\n")


@cells.check("a cell of 300 kB is checked and run")
def _(kernel):
    code = "".join(f"const row{n} = {{ id: {n}, name: 'row {n}', tags: ['a', 'b'] }};\n" for n in range(5000))
    holds(len(code) > 290_000, "the cell is too small")
    kernel.client.end(kernel.begin(code), 60)
    equal(kernel.prints("console.log(row4999.name);"), "row 4999\n")


@cells.check("an array of 300 kB is checked and run")
def _(kernel):
    code = f"const table = [{','.join(str(n) for n in range(55_000))}];"
    kernel.client.end(kernel.begin(code), 60)
    equal(kernel.prints("console.log(table.length);"), "55000\n")


@cells.check("a hundred cells later the first one's variables are there")
def _(kernel):
    kernel.ok("const veryFirst = 'here';")
    for n in range(100):
        kernel.ok(f"const later{n} = {n};")
    equal(kernel.prints("console.log(veryFirst, later0, later99);"), "here 0 99\n")


WRONG = {
    "a wrong assignment": ("const n: number = 'text';", "not assignable to type 'number'"),
    "a wrong argument": ("Math.sqrt('4');", "not assignable to parameter of type 'number'"),
    "a missing member": ("[1].pusch(2);", "does not exist"),
    "a missing property": ("const o: { a: number } = {};", "missing"),
    "a property too many": ("const o2: { a: number } = { a: 1, b: 2 };", "'b' does not exist"),
    "an unknown name": ("unheard + 1;", "Cannot find name 'unheard'"),
    "what may be undefined": ("const u: string | undefined = ([] as string[])[0] as string | undefined; u.length;", "undefined"),
    "a parameter without a type": ("const f = (x) => x;", "implicitly has an 'any' type"),
    "a constant that is assigned": ("const fixed = 1; fixed = 2;", "constant"),
    "too few arguments": ("parseInt();", "Expected 1-2 arguments"),
    "a forgotten return": ("function g(): number { }", "must return a value"),
    "a call of what is no function": ("const five = 5; five();", "not callable"),
    "an unfinished class": ("interface I { a: number } class C implements I { }", "incorrectly implements"),
    "a wrong await of types": ("const s: string = await Promise.resolve(1);", "not assignable"),
    "a wrong comparison": ("const a: 'x' | 'y' = 'x' as 'x' | 'y'; a === 'z';", "no overlap"),
}


@types.each("{} is refused before anything runs", WRONG)
def _(kernel, case):
    code, message = case
    run = kernel.run("console.log('never');\n" + code, stop_on_error=False)
    equal(run.status, "error")
    equal(run.stdout, "")
    contains(run.trace + run.content["evalue"] + run.stderr, message)


@types.check("the line is shown with a caret under the place")
def _(kernel):
    trace = kernel.run("const fine = 1;\nconst n: number = 'text';").trace
    contains(trace, "const n: number = 'text';\n")
    lines = trace.split("\n")
    at = next(i for i, line in enumerate(lines) if "const n: number" in line)
    equal(lines[at + 1].index("^"), lines[at].index("n: number"))


@types.check("the place is named by cell and line", feature="gradbook")
def _(kernel):
    run = kernel.run("\n\nconst n: number = 'text';")
    contains(run.trace, f"Cell [{run.count}], line 3")


@types.check("the error has a name of its own", feature="gradbook")
def _(kernel):
    equal(kernel.run("const n: number = 'text';").content["ename"], "TypeScriptError")


@types.check("several errors are all shown")
def _(kernel):
    trace = kernel.run("const a: number = 'x';\nconst b: string = 1;").trace
    contains(trace, "const a: number")
    contains(trace, "const b: string")


@types.check("a cell that is refused changes no variable")
def _(kernel):
    kernel.ok("let before1 = 1;")
    kernel.run("before1 = 2; const n: number = 'text';")
    equal(kernel.prints("console.log(before1);"), "1\n")


@types.check("a cell that is refused declares nothing")
def _(kernel):
    kernel.run("const undeclared = 1; const n: number = 'text';")
    equal(kernel.run("undeclared").status, "error")


@types.check("types of earlier cells are checked")
def _(kernel):
    kernel.ok("function typed1(n: number) { return n; }")
    contains(kernel.run("typed1('x')").content["evalue"], "not assignable to parameter of type 'number'")


@types.check("// @ts-nocheck lets a cell run unchecked")
def _(kernel):
    equal(kernel.prints("// @ts-nocheck\nconst n: number = 'text';\nconsole.log(n);"), "text\n")


@types.check("// @ts-nocheck holds for its own cell only")
def _(kernel):
    kernel.ok("// @ts-nocheck\nlet loose = (x) => x;")
    equal(kernel.run("const strict: number = 'text';").status, "error")


@types.check("// @ts-expect-error and // @ts-ignore hold for the next line")
def _(kernel):
    equal(kernel.prints("// @ts-expect-error wrong\nconst n2: number = 'a';\n// @ts-ignore\nconst n3: number = 'b';\nconsole.log(n2, n3);"), "a b\n")


@types.check("an error at run time names the line of TypeScript")
def _(kernel):
    code = "interface Gone { a: number }\n\nfunction risky(x: Gone) {\n  throw new Error('planned');\n}\nrisky({ a: 1 });"
    trace = kernel.run(code).trace
    matches(trace, r"line 4|:4:")
    matches(trace, r"line 6|:6:")


@types.check("an error in a function of an earlier cell names that cell", feature="gradbook")
def _(kernel):
    first = kernel.ok("function afar() {\n  throw new Error('afar');\n}")
    run = kernel.run("\nafar();")
    contains(run.trace, f"Cell [{first.count}], line 2")
    contains(run.trace, f"Cell [{run.count}], line 2")


@types.check("a traceback has none of the kernel's own frames", feature="gradbook")
def _(kernel):
    trace = kernel.run("[1].map(() => { throw new Error('x'); });").trace
    for part in ("dist/", "node:internal", "gradbook:"):
        lacks(trace, part)


THROWN = {
    "a number": ("throw 5;", "5"),
    "a string": ("throw 'text';", "text"),
    "null": ("throw null;", "null"),
    "undefined": ("throw undefined;", "undefined"),
    "an object": ("throw { code: 7 };", "7"),
    "an error with a cause": ("throw new Error('outer', { cause: new RangeError('inner') });", "inner"),
    "an aggregate": ("await Promise.any([Promise.reject(new Error('one')), Promise.reject(new Error('two'))]);", "two"),
    "an error of one's own": ("class MyError extends Error { override name = 'MyError' } throw new MyError('mine');", "MyError"),
    "an error with a field": ("throw Object.assign(new Error('x'), { code: 'ECODE' });", "ECODE"),
    "an error of Node": ("require('node:fs').readFileSync('/no/such/file');", "ENOENT"),
    "a rejected await": ("await Promise.reject(new RangeError('rejected'));", "rejected"),
    "an error without a stack": ("const bare = new Error('bare'); delete bare.stack; throw bare;", "bare"),
    "an error whose message fails": ("throw Object.defineProperty(new Error(), 'message', { get() { throw 1; } });", ""),
}


@types.each("{} may be thrown, and is shown", THROWN)
def _(kernel, case):
    code, shown = case
    run = kernel.run(code)
    equal(run.status, "error")
    contains(run.trace + run.content["evalue"], shown)
    equal(kernel.prints("console.log('on');"), "on\n")
