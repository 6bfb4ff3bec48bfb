import { describe, expect, it } from "vitest";
import { bodyOf, code, exported, markdown, notebookOf, saved, shown, view, withWidgets } from "./exported.ts";

const html = (text: string) => code("", [shown({ "text/html": text })]);

describe("a hostile notebook", () => {
  it("ends no script of the page, whatever its states, figures and titles hold", async () => {
    const evil = "</script><script>alert(1)</script><!--<script>]]>\u2028";
    const figure = shown({ "application/vnd.plotly.v1+json": { data: [], layout: { title: evil } } });
    const widgets = withWidgets({
      [evil]: saved(`export default { render() { "${evil}" } }`, { value: evil, _css: evil }),
    });
    const { page } = await exported(notebookOf([markdown("a"), code(evil, [view(evil), figure])], widgets), {
      title: evil,
    });
    const scripts = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)];
    expect(scripts.map(([whole]) => /^<script[^>]*>/.exec(whole)![0])).toEqual([
      '<script type="application/json" id="gradbook-widgets">',
      '<script type="text/plain" id="gradbook-plotly">',
      '<script type="application/json">',
      "<script>",
    ]);
    const held = JSON.parse(scripts[0]![1]!) as {
      styles: string[];
      models: Record<string, { state: { value: string } }>;
    };
    expect(held.models[evil]!.state.value).toBe(evil);
    expect(held.styles).toEqual([evil]);
  });

  it.each([
    ["a script", "<script>alert(1)</script>"],
    ["a handler", "<img src=x onerror=alert(1)>"],
    [
      "an address with a script",
      "<a href='java\tscript:alert(1)'>x</a> [y](javascript:alert(1)) <a href=' javascript:alert(1)'>z</a>",
    ],
    [
      "a frame",
      "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data='x.svg'></object><embed src='x.svg'>",
    ],
    [
      "a form",
      "<form action='https://example.org'><input name='a'><button formaction='javascript:alert(1)'>go</button></form>",
    ],
    [
      "a page's head",
      "<base href='https://example.org'><meta http-equiv='refresh' content='0;url=https://example.org'><link rel='stylesheet' href='https://example.org/x.css'>",
    ],
    [
      "a drawing that runs",
      "<svg onload=alert(1)><script>alert(1)</script><foreignObject><iframe src='javascript:alert(1)'></iframe></foreignObject><use href='https://example.org/x.svg#a'/><animate attributeName='href' values='javascript:alert(1)'/></svg>",
    ],
    [
      "a style in a drawing",
      "<svg><style><img src=x onerror=alert(1)></style></svg><math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    ],
    [
      "names of the document",
      "<img name='querySelector' src='data:image/png;base64,AA'><a id='gradbook-widgets' data-model='a'>x</a>",
    ],
    [
      "a style that loads",
      "<p style='background: url(https://example.org/x.png)'>x</p><style>p { background: image-set('https://example.org/x.png' 1x) } p { b: u\\72l(https://example.org) }</style>",
    ],
    ["a style that ends", "<style>} } </style><style>p{}</style /><style>a { b: '</style><script>alert(1)</script>"],
    [
      "a picture elsewhere",
      "<img src='https://example.org/x.png' srcset='https://example.org/y.png 2x'><video src='https://example.org/x.mp4' poster='https://example.org/x.png'></video>",
    ],
  ])("puts nothing that runs, sends or loads into the page: %s", async (_, text) => {
    const still = await exported(notebookOf([markdown(text), html(text)]), { live: false });
    const live = await exported(notebookOf([markdown(text)]));
    for (const { body } of [still, live]) {
      const tags = [...body.matchAll(/<([a-z][a-z0-9-]*)([^>]*)>/gi)];
      for (const [whole, name, attributes] of tags) {
        expect(name, whole).not.toMatch(
          /^(script|iframe|object|embed|form|input|button|base|meta|link|foreignobject|animate)$/i,
        );
        expect(attributes, whole).not.toMatch(/\s(on\w+|name|srcset|poster|action|data-\w+)\s*=/i);
        expect(attributes, whole).not.toMatch(/(href|src)="\s*(java|vb)/i);
        expect(attributes, whole).not.toMatch(/\ssrc="(?!data:)/i);
        expect(attributes, whole).not.toMatch(/url\(/);
      }
      for (const [, sheet] of body.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g))
        expect(sheet).not.toMatch(/https|url|image-set/);
    }
  });

  it.each([
    ["none", {}],
    ["a text", { widgets: "x" }],
    ["no state", { widgets: { "application/vnd.jupyter.widget-state+json": {} } }],
    ["a list", withWidgets([1])],
    ["broken models", withWidgets({ a: null, b: { state: 3 }, c: { state: { _model_module: "anywidget", _esm: 7 } } })],
    ["an address for a module", withWidgets({ a: saved("https://example.org/x.js") })],
  ])("with widgets that are %s shows the texts in their places", async (_, metadata) => {
    const { body, live, page } = await exported(
      notebookOf(
        [code("", [view("a"), view("b"), view("c"), shown({ "application/vnd.jupyter.widget-view+json": 3 })])],
        metadata,
      ),
    );
    expect(live).toMatchObject({ views: 0, still: 4 });
    for (const id of ["a", "b", "c"]) expect(body).toContain(`a picture of ${id}`);
    expect(page).not.toContain("example.org");
  });

  it("with broken buffers keeps those that are whole", async () => {
    const buffers = [
      { path: [], data: "AA==" },
      { path: "x", data: "AA==" },
      { path: ["a"] },
      null,
      { path: ["b", {}], data: "AA", encoding: "hex" },
    ];
    const { page } = await exported(
      notebookOf([code("", [view("a")])], withWidgets({ a: saved("export default {}", {}, { buffers }) })),
    );
    const held = JSON.parse(/id="gradbook-widgets">(.*?)<\/script>/.exec(page)![1]!) as {
      models: { a: { buffers: unknown } };
    };
    expect(held.models.a.buffers).toEqual([{ path: ["b", "[object Object]"], data: "qg==" }]);
  });

  it("with huge and deep outputs stays a page that can be read", async () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 1000; depth++) deep = [deep];
    const long = Array.from({ length: 100_000 }, (_, index) => ({ index }));
    const cells = [
      code("", [{ output_type: "stream", name: "stdout", text: "0123456789\n".repeat(1_000_000) }]),
      code("", [shown({ "application/json": deep }), shown({ "application/json": long })]),
      html(`${"<div>".repeat(5_000)}<b>inside</b>`),
      code("x".repeat(1_000_000)),
      markdown("> ".repeat(2_000) + "quoted [".repeat(2_000)),
      code("", [
        {
          output_type: "stream",
          name: "stdout",
          text: "\b".repeat(200_000) + "a".repeat(200_000) + "\b".repeat(200_000),
        },
      ]),
    ];
    const { bytes, body } = await exported(notebookOf(cells));
    expect(bytes).toBeLessThan(4e6);
    for (const part of ["characters are left out here", "99,000 more", ">inside<"])
      expect([part, body.includes(part)]).toEqual([part, true]);
  });

  it("cannot smuggle in a formula of another place", async () => {
    const body = await bodyOf(markdown("$x$ \uE0000\uE001 <b title='\uE0000\uE001'>t</b>"));
    expect(body.match(/class="katex"/g)).toHaveLength(1);
    expect(body).toContain('<b title="0">t</b>');
  });

  it("has formulas that neither load nor link nor grow without end", async () => {
    const body = await bodyOf(
      markdown(
        "$\\href{javascript:alert(1)}{x}$ $\\includegraphics{https://example.org/x.png}$ $\\htmlData{a=b}{x}$ $\\rule{1e9em}{1e9em}$ $\\def\\a{\\a\\a}\\a$",
      ),
    );
    expect(body).not.toMatch(/<a |<img|data-a|1000000000em/);
  });
});
