import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { newFolder } from "../run/scripted.ts";
import { bodyOf, code, exported, markdown, notebookOf, saved, shown, view, withWidgets } from "./exported.ts";

// One black point.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
const drawing = '<svg xmlns="http://www.w3.org/2000/svg"><text>drawn</text></svg>';

/** What a reader sees of HTML, roughly. */
const textOf = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");

describe("prose", () => {
  it("is Markdown with tables, and HTML that only shows something", async () => {
    const body = await bodyOf(
      markdown(
        "A *word*, https://example.org\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n\n<kbd>Ctrl</kbd> <details><summary>s</summary>d</details>",
      ),
    );
    expect(body).toContain("<em>word</em>");
    expect(body).toContain('<a href="https://example.org">');
    expect(body).toMatch(/<th style="text-align:right">b<\/th>/);
    expect(body).toContain("<kbd>Ctrl</kbd>");
    expect(body).toContain("<details><summary>s</summary>d</details>");
  });

  it("has formulas in lines, apart and in environments; a macro holds in the cells after it", async () => {
    const { body, page } = await exported(
      notebookOf([
        markdown(
          "Let $\\newcommand{\\loss}{\\mathcal{L}} x < y$ and \\$5.\n\n$$\\sum_i x_i$$\n\n\\begin{align}\na &= b\n\\end{align}",
        ),
        markdown("$\\loss$ and `$code$`"),
      ]),
    );
    expect(body.match(/class="katex"/g)).toHaveLength(4);
    expect(body.match(/class="katex-display"/g)).toHaveLength(2);
    expect(body).toContain('<mi mathvariant="script">L</mi>');
    expect(body).not.toContain("katex-error");
    expect(body).toContain("$5.");
    expect(body).toContain("<code>$code$</code>");
    // Only the fonts that are needed, in the page itself.
    const fonts = [...page.matchAll(/@font-face\{font-[^}]*?font-family:"?(\w+)|@font-face\{font-family:"?(\w+)/g)];
    const families = new Set(fonts.map(([, one, other]) => one ?? other));
    expect(families).toContain("KaTeX_Main");
    expect(families).toContain("KaTeX_Caligraphic");
    expect(families).not.toContain("KaTeX_Fraktur");
    expect(page).not.toMatch(/url\((?!data:)/);
  });

  it("needs no style sheet for formulas where there are none", async () => {
    expect((await exported(notebookOf([markdown("prose")]))).page).not.toContain("KaTeX_");
  });

  it("shows a formula that cannot be read as it is", async () => {
    expect(textOf(await bodyOf(markdown("$\\frac{$ and more")))).toContain("\\frac{");
  });

  it("has the pictures that are attached to it or lie beside the notebook, and links the others", async () => {
    const path = notebookOf([
      markdown("![one](attachment:one%20dot.png) ![two](figures/two.png)\n\n<img src='figures/two.png' width='20'>", {
        attachments: { "one dot.png": { "image/png": pixel } },
      }),
      markdown(
        "![far](https://example.org/far.png) ![gone](gone.png) ![up](../up.png) ![not](notes.txt) ![in](in.png)",
      ),
    ]);
    const folder = dirname(path);
    mkdirSync(join(folder, "figures"));
    writeFileSync(join(folder, "figures", "two.png"), Buffer.from(pixel, "base64"));
    writeFileSync(join(folder, "notes.txt"), "secret");
    // A picture elsewhere, to which a link inside the folder leads.
    const elsewhere = newFolder();
    writeFileSync(join(elsewhere, "in.png"), Buffer.from(pixel, "base64"));
    symlinkSync(join(elsewhere, "in.png"), join(folder, "in.png"));
    const { body, absent } = await exported(path);
    expect(body.match(new RegExp(`src="data:image/png;base64,${pixel.replaceAll("+", "\\+")}"`, "g"))).toHaveLength(3);
    expect(body).toContain('<a href="https://example.org/far.png" class="nb-absent">far</a>');
    expect(absent).toEqual(["https://example.org/far.png", "gone.png", "../up.png", "notes.txt", "in.png"]);
  });

  it("gives a table of contents, without the title, when there are more than a few headings", async () => {
    const parts = ["# Title", "## One", "### Deep", "## Two $x$", "## One", "## [Four](https://example.org)"];
    const { page } = await exported(notebookOf(parts.map((part) => markdown(part))));
    const contents = /<nav[\s\S]*<\/nav>/.exec(page)![0];
    expect([...contents.matchAll(/href="#([^"]*)"/g)].map(([, id]) => decodeURIComponent(id!))).toEqual([
      "One",
      "Deep",
      "Two-x",
      "One-1",
      "Four",
    ]);
    for (const id of ["One", "Deep", "Two-x", "One-1", "Four"]) expect(page).toContain(` id="${id}"`);
    expect(contents).toContain('class="katex"');
    expect((await exported(notebookOf(parts.slice(0, 4).map((part) => markdown(part))))).page).not.toContain("<nav");
  });

  it("titles the page by its first heading, by the option, or by the file's name", async () => {
    const titleOf = async (...given: Parameters<typeof exported>) =>
      /<title>(.*)<\/title>/.exec((await exported(...given)).page)![1];
    expect(await titleOf(notebookOf([markdown("text\n\n## A & B")]))).toBe("A &#38; B");
    expect(await titleOf(notebookOf([markdown("# A")]), { title: "<i>" })).toBe("&#60;i&#62;");
    const { body, page } = await exported(notebookOf([markdown("text")]));
    expect(page).toContain("<title>analysis</title>");
    expect(body).toContain("<h1>analysis</h1>");
  });
});

describe("code", () => {
  it("is coloured by its language, and nothing of it is lost", async () => {
    const source = 'const x: Map<string, number> = new Map(); // <b> & "c"';
    const body = await bodyOf(code(source));
    expect(body).toContain('<span class="hljs-keyword">const</span>');
    expect(textOf(/<code>(.*)<\/code>/.exec(body)![1]!)).toBe(source);
    const python = notebookOf([code("def f(): pass")], { language_info: { name: "python" } });
    expect((await exported(python)).body).toContain('<span class="hljs-keyword">def</span>');
    const unknown = notebookOf([code("a <b")], { language_info: { name: "no-such" } });
    expect((await exported(unknown)).body).toContain("<code>a &#60;b</code>");
  });

  it("is left out when asked, with its outputs kept", async () => {
    const cells = [code("secret()", [{ output_type: "stream", name: "stdout", text: "printed" }]), code("alone()")];
    const { body, page } = await exported(notebookOf(cells), { code: false });
    expect(body).toContain("printed");
    expect(page).not.toMatch(/secret|alone/);
    expect(body.match(/<section/g)).toHaveLength(1);
  });

  it("is folded where the notebook hides it", async () => {
    const output = { output_type: "stream", name: "stdout", text: "printed" };
    const hidden = { jupyter: { source_hidden: true, outputs_hidden: true } };
    const body = await bodyOf(code("a", [output], hidden));
    expect(body).toMatch(
      /<details[^>]*><summary>Code<\/summary>.*<\/details>\n<div[^>]*><details[^>]*><summary>Output</s,
    );
  });
});

describe("outputs", () => {
  it("of streams keep a terminal's colours, returns and backspaces", async () => {
    const stream = (text: string, name = "stdout") => code("", [{ output_type: "stream", name, text }]);
    const body = await bodyOf(
      stream("\u001b[31mred\u001b[0m <b>\n 10 %\r 20 %\rabc\b\b2"),
      stream("trouble", "stderr"),
    );
    expect(body).toContain('<span class="ansi-red-fg">red</span> &lt;b&gt;\n');
    expect(textOf(body)).toContain("red <b>\na20 %");
    expect(body).toMatch(/nb-stderr"><pre>trouble/);
  });

  it("of errors are their tracebacks, or else their names", async () => {
    const failed = (traceback: string[]) =>
      code("", [{ output_type: "error", ename: "RangeError", evalue: "a < b", traceback }]);
    expect(await bodyOf(failed(["\u001b[31mRangeError\u001b[39m", "  line 2"]))).toContain("</span>\n  line 2");
    expect(await bodyOf(failed([]))).toContain("RangeError: a &lt; b");
  });

  it("are shown in their richest form, in Jupyter's order", async () => {
    const text = { "text/plain": "plain" };
    expect(await bodyOf(code("", [shown({ ...text, "image/png": pixel, "text/html": "<b>bold</b>" })]))).toContain(
      "<b>bold</b>",
    );
    const png = await bodyOf(code("", [shown({ ...text, "image/png": `${pixel}\n` }, { "image/png": { width: 20 } })]));
    expect(png).toContain(`<img alt="plain" src="data:image/png;base64,${pixel}" width="20">`);
    const svg = await bodyOf(code("", [shown({ ...text, "image/svg+xml": drawing, "image/png": pixel })]));
    expect(svg).toContain(`data:image/svg+xml;base64,${Buffer.from(drawing).toString("base64")}`);
    const nameless = await bodyOf(code("", [shown({ "image/svg+xml": "<svg><text>drawn</text></svg>" })]));
    expect(nameless).toContain(Buffer.from(drawing).toString("base64"));
    expect(await bodyOf(code("", [shown({ "text/markdown": "*a* $x$" })]))).toMatch(/<em>a<\/em> <span class="katex">/);
    const latex = await bodyOf(code("", [shown({ "text/latex": "$x$ & *y* <b>" })]));
    expect(latex).toMatch(/<span class="katex">/);
    expect(textOf(latex)).toContain("& *y* <b>");
    expect(await bodyOf(code("", [shown({ "application/json": { a: [1, { b: null }] } })]))).toMatch(
      /<details open>.*a.*\[2\].*<details>.*\{1\}.*null/,
    );
    expect(await bodyOf(code("", [shown(text)]))).toContain("<pre>plain</pre>");
    expect(await bodyOf(code("", [shown({ "application/x-unknown": "?" })]))).not.toContain("nb-output");
  });

  it("in HTML keep tables and confined styles, in place", async () => {
    const html =
      "<style>td { color: red } @import 'x'; p { background: url(http://x/y) }</style><table><tr><td style='text-align: right'>1</td></tr></table>";
    const body = await bodyOf(code("", [shown({ "text/html": html })]));
    expect(body).toMatch(/<style>@scope \{\s*td \{ color: red \}\s*p \{\s*\}\s*\}<\/style><table>/);
    expect(body).toContain('<td style="text-align: right">1</td>');
    expect(body).not.toContain("<iframe");
  });

  it("in HTML with scripts stand in a frame that cannot reach the page", async () => {
    const html = '<div id="a"></div><script>document.getElementById("a").textContent = "</sc" + "ript>";</script>';
    const { body, live } = await exported(notebookOf([code("", [shown({ "text/html": html })])]));
    expect(live.frames).toBe(1);
    expect(body).toMatch(/<iframe [^>]*sandbox="allow-scripts" srcdoc="[^"<>]*"><\/iframe>/);
  });
});

describe("live parts", () => {
  const figure = { "application/vnd.plotly.v1+json": { data: [{ y: [1, 2] }] }, "image/svg+xml": drawing };

  it("hold plotly's library once, however many figures there are, and only then", async () => {
    const many = await exported(notebookOf([code("", [shown(figure)]), code("", [shown(figure)])]));
    expect(many.live.figures).toBe(2);
    expect(many.page.match(/id="gradbook-plotly"/g)).toHaveLength(1);
    expect((await exported(notebookOf([code("")]))).bytes).toBeLessThan(60_000);
  });

  it("hold each module and style sheet once, the models that are shown, and those that they name", async () => {
    const esm = "export default { render() {} }";
    const widgets = withWidgets({
      a: saved(
        esm,
        { _css: "b {}", child: "IPY_MODEL_c" },
        { buffers: [{ path: ["x", 0], data: "AAH/", encoding: "base64" }] },
      ),
      b: saved(esm, { _css: "b {}" }),
      c: saved("export default {}", { parts: [{ one: "anywidget:b" }] }),
      hidden: saved("export default { hidden: 1 }"),
      slider: { model_module: "@jupyter-widgets/controls", state: { value: 1 } },
    });
    const { page, live } = await exported(
      notebookOf([code("", [view("a"), view("a"), view("slider"), view("none")])], widgets),
    );
    expect(live).toMatchObject({ views: 2, still: 2 });
    const json = /id="gradbook-widgets">(.*?)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(json)).toEqual({
      modules: [esm, "export default {}"],
      styles: ["b {}"],
      models: {
        a: {
          module: 0,
          style: 0,
          state: { _model_module: "anywidget", child: "IPY_MODEL_c" },
          buffers: [{ path: ["x", 0], data: "AAH/" }],
        },
        c: { module: 1, state: { _model_module: "anywidget", parts: [{ one: "anywidget:b" }] }, buffers: [] },
        b: { module: 0, style: 0, state: { _model_module: "anywidget" }, buffers: [] },
      },
    });
    expect(page).toContain("a picture of slider");
  });

  it("are pictures on a page that is to be static, where only the page's own script runs", async () => {
    const html = "<b>shown</b><script>alert(1)</script>";
    const cells = [code("", [view("a"), shown(figure), shown({ "text/html": html })])];
    const { page, body, live } = await exported(notebookOf(cells, withWidgets({ a: saved("export default {}") })), {
      live: false,
    });
    expect(live).toEqual({ views: 0, figures: 0, frames: 0, still: 0 });
    expect(body).toContain("a picture of a");
    expect(body).toContain("data:image/svg+xml");
    expect(body).toContain("<b>shown</b>");
    expect(page).not.toMatch(/alert|export default|<iframe/);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toMatch(/script-src &#39;sha256-[^;]*&#39;;/);
  });
});

describe("notebooks of every format since 4.0", () => {
  it.each([0, 1, 2, 3, 4, 5])("4.%i", async (nbformat_minor) => {
    const cells = [
      markdown("", { source: ["# A\n", "b"] }),
      { cell_type: "code", execution_count: null, metadata: {}, source: ["1 +\n", "1"] },
      code("", [
        { output_type: "stream", name: "stdout", text: ["a\n", "b"] },
        shown({ "text/html": ["<b>", "c</b>"] }),
      ]),
      { cell_type: "raw", metadata: {}, source: "raw <b>" },
      { cell_type: "raw", metadata: { format: "text/html" }, source: "<b>raw</b>" },
    ];
    const { body } = await exported(notebookOf(cells, {}, { nbformat_minor }));
    expect(textOf(body)).toMatch(/A\s+b\s+1 \+\n1\s+a\nb\s+c\s+raw <b>\s+raw/);
  });
});
