"""Completion, inspection, and whether code is complete."""

import json

from checks import Area, contains, equal, holds, lacks, matches
from languages import gradbook, python

completion = Area("completion")
inspection = Area("inspection")
completeness = Area("is_complete")
areas = [completion, inspection, completeness]


def complete(kernel, code, cursor=None):
    cursor = len(code) if cursor is None else cursor
    return kernel.ask("complete_request", {"code": code, "cursor_pos": cursor})["content"]


@completion.check("a variable of an earlier cell is completed")
def _(kernel):
    kernel.ok(kernel.say("assign", name="temperature", value=21))
    answer = complete(kernel, "temperat")
    equal(answer["status"], "ok")
    contains(answer["matches"], "temperature")


@completion.check("the cursor's ends surround what is replaced")
def _(kernel):
    answer = complete(kernel, "1 + temperat")
    equal((answer["cursor_start"], answer["cursor_end"]), (4, 12))


@completion.check("members are completed")
def _(kernel):
    kernel.ok(kernel.say("record"))
    contains(" ".join(complete(kernel, kernel.say("member start"))["matches"]), kernel.say("member"))


@completion.check("completion in the middle of a line looks at what stands before the cursor")
def _(kernel):
    code = "temperat + 1"
    answer = complete(kernel, code, 8)
    contains(answer["matches"], "temperature")
    equal(answer["cursor_start"], 0)


@completion.check("completion on a later line counts from the beginning of the code")
def _(kernel):
    answer = complete(kernel, "1\n\ntemperat")
    equal((answer["cursor_start"], answer["cursor_end"]), (3, 11))


@completion.each(
    "the cursor is counted in code points behind {}",
    {"an emoji": "😀", "several emoji": "😀🎉🚀", "a joined family": "👨‍👩‍👧", "an accent of its own": "é", "mathematical letters": "𝒳𝒴"},
)
def _(kernel, text):
    code = f'"{text}"; temperat'
    answer = complete(kernel, code, len(code))
    contains(answer["matches"], "temperature")
    equal((answer["cursor_start"], answer["cursor_end"]), (len(code) - 8, len(code)))


@completion.check("an emoji behind the cursor does not matter")
def _(kernel):
    answer = complete(kernel, 'temperat + "😀"', 8)
    equal((answer["cursor_start"], answer["cursor_end"]), (0, 8))


@completion.check("without a match the answer is empty, and no error")
def _(kernel):
    answer = complete(kernel, "unheardOfNameWithout")
    equal((answer["status"], answer["matches"]), ("ok", []))


@completion.check("nothing at all may be completed")
def _(kernel):
    equal(complete(kernel, "", 0)["status"], "ok")


@completion.check("matches have types, where they are known")
def _(kernel):
    answer = complete(kernel, "temperat")
    types = answer["metadata"]["_jupyter_types_experimental"]
    found = next(entry for entry in types if entry["text"] == "temperature")
    holds(found["type"], "no type")
    equal((found["start"], found["end"]), (0, 8))


@completion.check("code that is not finished can be completed")
def _(kernel):
    contains(complete(kernel, "(1 + [temperat")["matches"], "temperature")


@completion.check("completing runs nothing")
def _(kernel):
    kernel.ok(kernel.say("assign", name="untouched", value=1))
    code = kernel.say("add one", name="untouched") + "\nuntouch"
    complete(kernel, code)
    equal(kernel.value(kernel.say("read", name="untouched")), "1")


@completion.check("names of the language's own library are completed")
def _(kernel):
    code = "prin" if "python" in kernel.language.features else "parseIn"
    contains(" ".join(complete(kernel, code)["matches"]), "print" if code == "prin" else "parseInt")


TYPED = {
    "an array's methods": ("[1, 2].ma", "map"),
    "a string's methods": ('"text".toUpp', "toUpperCase"),
    "what a function returns": ("Promise.resolve(1).the", "then"),
    "members of a module of Node": ('import { readFileS', "readFileSync"),
    "the letters of a union": ('let side: "left" | "right" = "', "left"),
    "properties that an object still wants": ("const point: { across: number } = { acr", "across"),
    "names declared in the same code": ("const inHere = 1; inHe", "inHere"),
    "parameters inside a function": ("function f(parameter: number) { return param", "parameter"),
    "names of types": ("let x: Prom", "Promise"),
    "names that are optional": ("let maybe: { deep?: { down: 1 } } = {}; maybe.deep?.do", "down"),
    "static members": ("Array.isArr", "isArray"),
    "members of console": ("console.lo", "log"),
}


@completion.each("TypeScript completes {}", TYPED, feature="typescript")
def _(kernel, case):
    code, expected = case
    cursor = len(code)
    if code.startswith("import {"):
        code += ' } from "node:fs";'
    contains(complete(kernel, code, cursor)["matches"], expected)


@completion.check("the function display is completed", feature="gradbook")
def _(kernel):
    contains(complete(kernel, "displ")["matches"], "display")


@completion.check("members come without the noise of globals", feature="typescript")
def _(kernel):
    kernel.ok(kernel.say("record"))
    matches_ = complete(kernel, "catalogue.")["matches"]
    contains(matches_, "title")
    lacks(matches_, "parseInt")


@completion.check("a redeclared variable is completed by its new type", feature="typescript")
def _(kernel):
    kernel.ok("let changing = [1];")
    kernel.ok('let changing = "text";')
    contains(complete(kernel, "changing.toUpp")["matches"], "toUpperCase")
    equal(complete(kernel, "changing.pus")["matches"], [])


def inspect(kernel, code, cursor=None, detail=0):
    cursor = len(code) if cursor is None else cursor
    return kernel.ask("inspect_request", {"code": code, "cursor_pos": cursor, "detail_level": detail})["content"]


@inspection.check("a documented function is found, with its documentation")
def _(kernel):
    kernel.ok(kernel.say("documented"))
    answer = inspect(kernel, "documented", 4)
    equal((answer["status"], answer["found"]), ("ok", True))
    contains(answer["data"]["text/plain"], kernel.say("documentation"))


@inspection.each("it is found with the cursor {} of its name", {"at the beginning": 0, "in the middle": 5, "at the end": 10})
def _(kernel, cursor):
    holds(inspect(kernel, "documented", cursor)["found"], "not found")


@inspection.check("it is found inside the brackets of its call")
def _(kernel):
    contains(inspect(kernel, "documented(", 11)["data"]["text/plain"], kernel.say("documentation"))


@inspection.each("detail level {} is answered", [0, 1])
def _(kernel, level):
    contains(inspect(kernel, "documented", 4, level)["data"]["text/plain"], "documented")


@inspection.check("detail level 1 tells at least as much as 0")
def _(kernel):
    less, more = (inspect(kernel, "documented", 4, level)["data"]["text/plain"] for level in (0, 1))
    holds(len(more) >= len(less), f"{len(more)} characters against {len(less)}")


@inspection.check("what does not exist is not found, without an error")
def _(kernel):
    answer = inspect(kernel, "unheardOfName", 4)
    equal((answer["status"], answer["found"], answer["data"]), ("ok", False, {}))


@inspection.check("where nothing stands nothing is found")
def _(kernel):
    equal(inspect(kernel, "   ", 1)["found"], False)
    equal(inspect(kernel, "", 0)["found"], False)


@inspection.each("the cursor is counted in code points behind {}", {"an emoji": "😀", "a joined family": "👨‍👩‍👧", "mathematical letters": "𝒳𝒴"})
def _(kernel, text):
    code = f'"{text}"; documented'
    contains(inspect(kernel, code, len(code) - 2)["data"]["text/plain"], "documented")


@inspection.check("on a later line it is found, too")
def _(kernel):
    holds(inspect(kernel, "1\n\ndocumented", 7)["found"], "not found")


@inspection.check("a variable is found with its type or value")
def _(kernel):
    kernel.ok(kernel.say("assign", name="observed", value=21))
    matches(inspect(kernel, "observed", 3)["data"]["text/plain"], "number|int")


@inspection.check("a language's own function is found")
def _(kernel):
    name = "len" if "python" in kernel.language.features else "parseInt"
    holds(inspect(kernel, name, 2)["found"], "not found")


TYPES = {
    "a function's signature": ("documented", "documented(count: number): number"),
    "a constant's type": ("const list = [1, 2]; list", "const list: number[]"),
    "a generic function": ("function pick<T>(from: T[]): T { return from[0]!; } pick", "pick<T>(from: T[]): T"),
    "a class": ("class Shape { side = 1 } Shape", "class Shape"),
    "an interface": ("interface Point { x: number } let p: Point", "interface Point"),
    "a member": ('"text".toUpperCase', "toUpperCase(): string"),
    "a property": ("const o = { inner: 1 }; o.inner", "inner: number"),
    "an enumeration's member": ("enum Colour { Red, Green } Colour.Green", "Colour.Green = 1"),
    "a type alias": ("type Pair = [number, string]; let q: Pair", "[number, string]"),
    "a module of Node": ('import { basename } from "node:path"; basename', "basename("),
}


@inspection.each("TypeScript shows {}", TYPES, feature="typescript")
def _(kernel, case):
    code, expected = case
    answer = inspect(kernel, code, len(code) - 1)
    holds(answer["found"], "not found")
    contains(" ".join(answer["data"]["text/plain"].split()), expected)


@inspection.check("Markdown is offered beside plain text", feature="gradbook")
def _(kernel):
    contains(inspect(kernel, "documented", 4)["data"]["text/markdown"], "```typescript")


def complete_state(kernel, code):
    return kernel.ask("is_complete_request", {"code": code})["content"]


def examples(state):
    """Every language's examples are listed once; they apply to the kernel whose language they are in."""
    for feature, words in (("typescript", gradbook), ("python", python)):
        for code in json.loads(words[state]):
            yield feature, code


for state in ("complete", "incomplete", "invalid"):
    for feature, code in examples(state):

        @completeness.check(f"{json.dumps(code)} is {state} in {feature}", feature=feature)
        def _(kernel, code=code, state=state):
            equal(complete_state(kernel, code)["status"], state)


MORE = {
    "incomplete": [
        "function f() {",
        "class A {\n  method() {",
        "const a = {\n  b: 1,",
        "if (x) {",
        "`text ${",
        "new Map([[1, 2],",
        "async () => {",
        "type A = {",
        "interface B {",
        "f(x,",
        "a &&",
        "do {",
        "switch (a) { case 1:",
        "try {",
        "enum E { A,",
    ],
    "complete": [
        "",
        "for (const x of [1]) console.log(x);",
        "await Promise.resolve(1)",
        "`a ${1} b`",
        "/regular{/",
        "import { a } from 'b';",
        "export const c = 1;",
        "if (1) {} else {}",
        "const x: number = 'a type error is complete'",
        "unheardOf",
        '"{ in a string"',
        "/* done */",
        "({ a: 1 })",
        "<T,>(x: T) => x",
        "label: for (;;) break label;",
    ],
    "invalid": ["}", "f(]", "const 5 = a", "a b c", "class { }}", "if )"],
}
for state, codes in MORE.items():
    for code in codes:

        @completeness.check(f"{json.dumps(code)} is {state}", feature="typescript")
        def _(kernel, code=code, state=state):
            equal(complete_state(kernel, code)["status"], state)


@completeness.check("an incomplete block is to be indented")
def _(kernel):
    code = "if True:" if "python" in kernel.language.features else "for (const x of [1]) {"
    matches(complete_state(kernel, code)["indent"], r"^(  |    |\t)$")


@completeness.check("a deeper block is to be indented deeper")
def _(kernel):
    code = "if True:\n    if True:" if "python" in kernel.language.features else "if (1) {\n  if (2) {"
    holds(len(complete_state(kernel, code)["indent"]) >= 4, "the indent is too small")


@completeness.check("asking runs nothing")
def _(kernel):
    kernel.ok(kernel.say("assign", name="unasked", value=1))
    complete_state(kernel, kernel.say("add one", name="unasked"))
    equal(kernel.value(kernel.say("read", name="unasked")), "1")
