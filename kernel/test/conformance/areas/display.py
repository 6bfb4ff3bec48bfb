"""Rich output."""

import base64

from checks import Area, contains, equal, holds, lacks, matches

display = Area("display")
values = Area("values", feature="gradbook")
areas = [display, values]


def data(run, kind="display_data"):
    return [message["content"]["data"] for message in run.of(kind)]


@display.check("HTML is published as data by MIME type")
def _(kernel):
    (shown,) = data(kernel.ok(kernel.say("html", text="x")))
    equal(shown["text/html"], "<b>x</b>")


@display.check("display_data have data, metadata and transient")
def _(kernel):
    content = kernel.ok(kernel.say("html", text="x")).of("display_data")[0]["content"]
    for name in ("data", "metadata", "transient"):
        holds(isinstance(content.get(name), dict), f"{name} is {content.get(name)!r}")


@display.check("a picture is published in base64")
def _(kernel):
    (shown,) = data(kernel.ok(kernel.say("png")))
    matches(base64.b64decode(shown["image/png"].strip(), validate=True).decode("latin-1"), "^\x89PNG")


@display.check("a display keeps its place between what is printed")
def _(kernel):
    run = kernel.ok(kernel.say("show mid-cell"))
    equal(run.types[2:-1], ["stream", "display_data", "stream"])


@display.check("a display may have an id of its own", feature="display ids")
def _(kernel):
    (shown,) = kernel.ok(kernel.say("display", text="x", id="mine")).of("display_data")
    equal(shown["content"]["transient"]["display_id"], "mine")


@display.check("an update carries the display's id and the new data", feature="display ids")
def _(kernel):
    run = kernel.ok(kernel.say("update", text="old", id="changing", new="fresh"))
    (updated,) = run.of("update_display_data")
    equal(updated["content"]["transient"]["display_id"], "changing")
    contains(updated["content"]["data"]["text/plain"], "fresh")


@display.check("output is cleared at once")
def _(kernel):
    (cleared,) = kernel.ok(kernel.say("clear")).of("clear_output")
    equal(cleared["content"], {"wait": False})


@display.check("output is cleared when the next one comes")
def _(kernel):
    (cleared,) = kernel.ok(kernel.say("clear and wait")).of("clear_output")
    equal(cleared["content"], {"wait": True})


@display.check("a silent cell does not keep what it shows from being seen")
def _(kernel):
    run = kernel.ok(kernel.say("html", text="quiet"), silent=True)
    lacks(run.types, "execute_result")


def result(kernel, code):
    return kernel.ok(code).of("execute_result")[0]["content"]["data"]


TEXTS = {
    "an array": ("[1, 2, 3]", "[ 1, 2, 3 ]"),
    "an object": ("({ a: 1, b: 'x' })", "{ a: 1, b: 'x' }"),
    "a map": ("new Map([['a', 1]])", "Map(1) { 'a' => 1 }"),
    "a set": ("new Set([1, 2])", "Set(2) { 1, 2 }"),
    "a large integer": ("10n ** 20n", "100000000000000000000n"),
    "a symbol": ("Symbol('s')", "Symbol(s)"),
    "a regular expression": ("/a+/g", "/a+/g"),
    "not a number": ("0 / 0", "NaN"),
    "minus zero": ("-0", "-0"),
    "a truth value": ("true", "true"),
    "a string with a quote": ('"it\'s"', '"it\'s"'),
    "null": ("null", "null"),
}


@values.each("{} is shown as text", TEXTS)
def _(kernel, case):
    code, text = case
    equal(result(kernel, code)["text/plain"], text)


PARTS = {
    "a date": ("new Date(0)", "1970-01-01T00:00:00.000Z"),
    "a function": ("(function named() {})", "named"),
    "a class": ("(class Shape {})", "Shape"),
    "an instance of a class": ("class Point { x = 1 }; new Point()", "Point"),
    "a typed array": ("new Float32Array([1, 2.5])", "2.5"),
    "a promise in a variable": ("const later = Promise.resolve(7); ({ later })", "7"),
    "an error as a value": ("new RangeError('far')", "far"),
    "an object that contains itself": ("const ring: any = {}; ring.self = ring; ring", "Circular"),
    "an object without a prototype": ("Object.create(null)", "{}"),
    "a proxy": ("new Proxy({ a: 1 }, {})", "a"),
    "a value whose own description fails": ("({ get bad(): number { throw new Error('x'); } })", "bad"),
    "a long array, cut": ("Array.from({ length: 100_000 }, (_, i) => i)", "more item"),
    "a deep object, cut": ("({ a: { b: { c: { d: { e: { f: 1 } } } } } })", "a:"),
    "bytes": ("Buffer.from('abc')", "61 62 63"),
}


@values.each("{} is shown as what it is", PARTS)
def _(kernel, case):
    code, part = case
    contains(result(kernel, code)["text/plain"], part)


@values.check("an array of records is a table")
def _(kernel):
    html = result(kernel, "[{ name: 'a<b', n: 1 }, { name: 'c', n: 2 }]")["text/html"]
    for part in ("<table", "name", "n", "c"):
        contains(html, part)
    lacks(html, "a<b")


@values.check("a value shows itself by Jupyter.display")
def _(kernel):
    shown = result(kernel, '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<i>x</i>" }) })')
    equal(shown["text/html"], "<i>x</i>")


@values.check("a value may promise how it shows itself")
def _(kernel):
    shown = result(kernel, '({ [Symbol.for("Jupyter.display")]: async () => ({ "text/html": "<i>later</i>" }) })')
    equal(shown["text/html"], "<i>later</i>")


@values.check("a value whose display fails fails its cell, and nothing else")
def _(kernel):
    run = kernel.run('({ [Symbol.for("Jupyter.display")]: () => { throw new RangeError("no picture"); } })')
    contains(run.trace + run.stderr, "no picture")
    equal(kernel.value("6 * 7"), "42")


@values.check("bytes in a bundle are published in base64")
def _(kernel):
    (shown,) = data(kernel.ok('display.mime({ "image/png": new Uint8Array([1, 2, 3]) });'))
    equal(shown, {"image/png": "AQID"})


@values.check("JSON in a bundle stays JSON")
def _(kernel):
    (shown,) = data(kernel.ok('display.mime({ "application/json": { a: [1, null] } });'))
    equal(shown, {"application/json": {"a": [1, None]}})


@values.check("a display ends its cell without a result")
def _(kernel):
    run = kernel.ok("display([1])")
    equal((len(run.of("display_data")), run.result), (1, None))


@values.check("a handle updates its display from a later cell")
def _(kernel):
    (first,) = kernel.ok('const handle = display("one");').of("display_data")
    (second,) = kernel.ok('handle.update("two");').of("update_display_data")
    equal(second["content"]["transient"], first["content"]["transient"])


@values.check("a thousand displays arrive")
def _(kernel):
    run = kernel.ok("for (let i = 0; i < 1000; i++) display(i);")
    equal([shown["text/plain"] for shown in data(run)], [str(n) for n in range(1000)])


@values.check("console.table prints a table")
def _(kernel):
    contains(kernel.prints("console.table([{ a: 1 }])"), "│")


@values.check("console.dir, group and count print")
def _(kernel):
    text = kernel.prints('console.dir({ a: 1 }); console.group("g"); console.log("in"); console.groupEnd(); console.count("c");')
    for part in ("{ a: 1 }", "g\n  in", "c: 1"):
        contains(text, part)


@values.check("console.warn and console.error print to stderr")
def _(kernel):
    equal(kernel.ok('console.warn("w"); console.error("e");').stderr, "w\ne\n")
