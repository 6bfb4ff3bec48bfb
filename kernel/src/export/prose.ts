import { createRequire } from "node:module";
import Markdown, { type MarkdownIt, type Token } from "markdown-it";
import { codeHtml } from "./code.ts";
import type { Heading } from "./contents.ts";
import type { Mathematics } from "./math.ts";
import { type FindPicture, sanitise } from "./sanitise.ts";

// Required rather than imported: what the default export of such a module is depends on who imports it.
const { default: withFormulas } = createRequire(import.meta.url)("@vscode/markdown-it-katex") as {
  default: (markdown: MarkdownIt, options: { enableBareBlocks: boolean }) => void;
};

/** Around the number of a formula, until the HTML around it has been sanitised. Texts of notebooks lose them. */
const [open, close] = ["\uE000", "\uE001"];

/** How the prose of one page is read: Markdown with HTML and mathematics in it, as in Jupyter. */
export class Prose {
  readonly #mathematics: Mathematics;
  readonly #findPicture: FindPicture;
  readonly #formulas: string[] = [];
  readonly #markdown: MarkdownIt;
  readonly #latex: MarkdownIt;
  readonly #ids = new Set<string>();

  /** @param findPicture gives the pictures that the text names */
  constructor(mathematics: Mathematics, findPicture: FindPicture) {
    this.#mathematics = mathematics;
    this.#findPicture = findPicture;
    const highlight = (code: string, language: string) =>
      language === "" ? "" : `<pre class="nb-code"><code>${codeHtml(code, language)}</code></pre>`;
    this.#markdown = this.#withMathematics(new Markdown({ html: true, linkify: true, highlight }));
    // Only what looks like an address: "notebook.to" and the like stay words.
    this.#markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
    // Addresses are judged by the sanitiser, which knows what becomes of pictures.
    this.#markdown.validateLink = () => true;
    this.#latex = this.#withMathematics(new Markdown("zero"));
  }

  /**
   * Markdown as HTML that only shows something.
   * @param attachments data URLs of pictures by the names under which the cell holds them
   * @param headings where the text's headings are noted down; without it they have no ids
   */
  html(text: string, attachments: ReadonlyMap<string, string> = new Map(), headings?: Heading[]): string {
    const tokens = this.#markdown.parse(unmarked(text), {});
    if (headings) for (const [at, token] of tokens.entries()) this.#note(token, tokens[at + 1], headings);
    return this.#finished(this.#markdown.renderer.render(tokens, this.#markdown.options, {}), attachments);
  }

  /** LaTeX as Jupyter shows it: formulas between dollars or in environments, everything else as it is. */
  latexHtml(text: string): string {
    return this.#finished(this.#latex.render(unmarked(text)), new Map());
  }

  #withMathematics(markdown: MarkdownIt): MarkdownIt {
    markdown.use(withFormulas, { enableBareBlocks: true });
    const marked = (formula: string, display: boolean) => {
      this.#formulas.push(this.#mathematics.html(formula, { display }));
      return `${open}${this.#formulas.length - 1}${close}`;
    };
    const { rules } = markdown.renderer;
    rules.math_inline = (tokens, at) => marked(tokens[at]!.content, false);
    rules.math_inline_block = (tokens, at) => marked(tokens[at]!.content, true);
    rules.math_inline_bare_block = rules.math_inline_block;
    rules.math_block = (tokens, at) => `<p>${marked(tokens[at]!.content, true)}</p>\n`;
    return markdown;
  }

  #note(token: Token, inline: Token | undefined, headings: Heading[]): void {
    if (token.type !== "heading_open" || !inline) return;
    const children = inline.children ?? [];
    const name = children.map(({ content }) => content).join("") || "section";
    const id = this.#unused(name.trim().replaceAll(/\s+/g, "-"));
    token.attrSet("id", id);
    const label = children.filter(({ type }) => !/^(link_|image|html_)/.test(type));
    const html = this.#markdown.renderer.renderInline(label, this.#markdown.options, {});
    headings.push({ level: Number(token.tag.slice(1)), id, text: name.trim(), html: this.#finished(html, new Map()) });
  }

  #unused(name: string): string {
    let id = name;
    for (let count = 1; this.#ids.has(id); count++) id = `${name}-${count}`;
    this.#ids.add(id);
    return id;
  }

  #finished(html: string, attachments: ReadonlyMap<string, string>): string {
    const find: FindPicture = (address) =>
      address.startsWith("attachment:")
        ? attachments.get(decoded(address.slice("attachment:".length)))
        : this.#findPicture(address);
    const formula = new RegExp(`${open}(\\d+)${close}`, "g");
    return sanitise(html, find).html.replaceAll(formula, (_, number: string) => this.#formulas[Number(number)] ?? "");
  }
}

function unmarked(text: string): string {
  return text.replaceAll(new RegExp(`[${open}${close}]`, "g"), "");
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}
