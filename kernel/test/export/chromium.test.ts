import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { advice, browserMissing, startBrowser } from "../comm/front-end/front-end.ts";
import { gradbook } from "../run/gradbook-command.ts";
import { newFolder } from "../run/scripted.ts";
import { code, exported, markdown, notebookOf, saved, shown, view, withWidgets } from "./exported.ts";
import { openExported } from "./opened.ts";

if (browserMissing) console.warn(`Skipped: ${advice}`);

const counter = `
import { AnyWidget } from "@gradbook/kernel";
class Counter extends AnyWidget<{ value: number; points: Float32Array }> {
  constructor() {
    super({ state: { value: 1, points: Float32Array.of(0.5, 2.5) }, css: ".count { color: rgb(1, 2, 3); }", esm: \`export default { render({ model, el }) {
      const points = model.get("points");
      const sum = new Float32Array(points.buffer, points.byteOffset, points.byteLength / 4).reduce((a, b) => a + b);
      const button = el.appendChild(Object.assign(document.createElement("button"), { className: "count" }));
      const show = () => { button.textContent = "clicked " + model.get("value") + ", sum " + sum; };
      button.onclick = () => { model.set("value", model.get("value") + 1); model.save_changes(); };
      model.on("change:value", show);
      show();
    } }\` });
  }
  protected picture() { return { "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><text y='20'>still</text></svg>" }; }
}
const count = new Counter();
display(count);`;

const patient = { timeout: 60_000 };

/** A module that writes what it finds into its element. */
const writing = (expression: string) =>
  `export default { async render({ model, el, ...rest }) { el.className = "found"; el.textContent = String(${expression}); } }`;

describe.skipIf(browserMissing && process.env.GRADBOOK_REQUIRE !== "all")(
  "an exported page, opened from disk",
  { timeout: 180_000 },
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser?.close());

    const open = (path: string, options: object = {}) => openExported(browser, path, options);

    const found = async (page: Page) => {
      await page.locator(".found").first().waitFor();
      return page.locator(".found").allTextContents();
    };

    test("lets a widget that gradbook run has saved be used, in all its views, and asks for nothing", async () => {
      const path = notebookOf([markdown("# A counter"), code(counter), code("display(count);")]);
      const ran = await gradbook(["run", path, "--inplace"], { jupyter: newFolder() });
      expect([ran.status, ran.stderr]).toEqual([0, ""]);
      const made = await gradbook(["export", path, "--html"], { jupyter: newFolder() });
      expect([made.status, made.stderr]).toEqual([0, ""]);
      const { page, complaints, requests } = await open(path.replace(".ipynb", ".html"));
      const buttons = page.locator("button.count");
      await expect.poll(() => buttons.allTextContents(), patient).toEqual(Array(2).fill("clicked 1, sum 3"));
      await buttons.first().click();
      await expect.poll(() => buttons.allTextContents(), patient).toEqual(Array(2).fill("clicked 2, sum 3"));
      const colour = () => page.evaluate('getComputedStyle(document.querySelector("button.count")).color');
      await expect.poll(colour, patient).toBe("rgb(1, 2, 3)");
      await page.locator("img").first().waitFor({ state: "hidden" });
      expect([complaints, requests]).toEqual([[], []]);
      await page.context().close();
    });

    test("gives modules what anywidget gives them", async () => {
      const one = (esm: string, state: object = {}) => {
        const widgets = withWidgets({
          a: saved(esm, { value: 1, list: [1], ...state }),
          b: saved(writing(`"child " + model.get("value")`), { value: 7 }),
        });
        return exported(notebookOf([code("", [view("a"), view("a")])], widgets)).then(({ path }) => open(path));
      };
      const modules: [esm: string, texts: string[]][] = [
        // A function that gives the definition; initialised once for both views.
        [
          `let times = 0; export default async () => ({ initialize({ model }) { model.set("value", ++times * 10); }, render({ model, el }) { el.className = "found"; el.textContent = model.get("value"); } })`,
          ["10", "10"],
        ],
        // The older form.
        [
          `export function render({ model, el }) { el.className = "found"; el.textContent = "older"; }`,
          ["older", "older"],
        ],
        // Events of Backbone: each name, then all; nothing for a value that is the same; ended by off.
        [
          `export default { render({ model, el }) {
          const heard = []; const listener = () => heard.push("ended");
          model.on("change:value change:list", (_, value) => heard.push(JSON.stringify(value))); model.on("change", () => heard.push("change"));
          model.on("msg:custom", listener); model.on("change:value", listener); model.off("change:value", listener);
          model.set("list", [1]); model.set("value", 2); model.save_changes(); model.set({ value: 3, list: [2] }); model.send({ a: 1 });
          model.off(null, null); model.set("value", 1); model.set("list", [1]);
          el.className = "found"; el.textContent = heard.join(" ");
        } }`,
          Array(2).fill("2 change 3 [2] change"),
        ],
        [
          writing(
            `[rest.signal.aborted, await rest.experimental.invoke("x").catch((error) => error.message), typeof model.widget_manager.get_model]`,
          ),
          Array(2).fill("false,there is no kernel behind this page,function"),
        ],
      ];
      for (const [esm, texts] of modules) {
        const { page, complaints } = await one(esm);
        await expect.poll(() => found(page), patient).toEqual(texts);
        expect(complaints).toEqual([]);
        await page.context().close();
      }
      const composed = `export default { async render({ model, el, host }) {
      const child = await model.widget_manager.get_model(model.get("child").slice("IPY_MODEL_".length));
      const other = await host.getWidget("anywidget:b");
      await other.render({ el: el.appendChild(document.createElement("div")) });
      child.set("value", 8);
      el.append(" now " + (await host.getModel("anywidget:b")).get("value"));
    } }`;
      const { page } = await one(composed, { child: "IPY_MODEL_b" });
      await expect.poll(() => page.locator(".nb-view").first().textContent(), patient).toContain("child 7 now 8");
      await page.context().close();
    });

    test("shows the picture of a view that fails, and why in small print", async () => {
      const widgets = withWidgets({
        far: saved(`import "https://example.org/x.js"; export default {};`),
        wrong: saved(`export default { render() { throw new Error("planned") } }`),
        none: saved("export const a = 1;"),
        right: saved(writing("1")),
      });
      const { path } = await exported(
        notebookOf(
          [
            code(
              "",
              ["far", "wrong", "none", "right"].map((id) => view(id)),
            ),
          ],
          widgets,
        ),
      );
      const { page, complaints } = await open(path);
      await found(page);
      const reasons = page.locator(".nb-failed");
      await expect.poll(() => reasons.count(), patient).toBe(3);
      for (const reason of ["cannot|Failed to fetch", "planned", "no default export"])
        await expect
          .poll(async () => (await reasons.allTextContents()).join("\n"), patient)
          .toMatch(new RegExp(reason));
      for (const id of ["far", "wrong", "none"]) await page.getByText(`a picture of ${id}`).waitFor();
      // The browser itself tells that it asked nothing of example.org.
      expect(complaints).toEqual([expect.stringContaining("violates the following Content Security Policy")]);
      await page.context().close();
    });

    test("draws plotly's figures, whose lines can be hidden, in the page's colours", async () => {
      const figure = {
        data: [
          { y: [1, 3, 2], name: "one" },
          { y: [2, 2, 3], name: "two" },
        ],
        layout: { title: { text: "A figure" } },
      };
      const { path } = await exported(
        notebookOf([code("", [shown({ "application/vnd.plotly.v1+json": figure, "text/plain": "still" })])]),
      );
      const { page, complaints, requests } = await open(path, { colorScheme: "dark" });
      await page.locator(".js-line").first().waitFor();
      await page.getByText("still").waitFor({ state: "hidden" });
      const ink = () => page.evaluate('getComputedStyle(document.querySelector(".gtitle")).fill');
      await expect.poll(ink, patient).toBe("rgb(221, 221, 221)");
      await page.locator("button.nb-theme-switch").click();
      await expect.poll(ink, patient).toBe("rgb(51, 51, 51)");
      await page.locator(".legendtoggle").first().click();
      await expect.poll(() => page.locator(".scatterlayer .js-line").count(), patient).toBe(1);
      expect([complaints, requests]).toEqual([[], []]);
      await page.context().close();
    });

    test("is light or dark as the reader's system, until the reader chooses", async () => {
      const { path } = await exported(
        notebookOf(
          [markdown("# A\n\ntext"), code("f()", [view("a")])],
          withWidgets({ a: saved(writing("getComputedStyle(document.body).getPropertyValue('--jp-layout-color1')")) }),
        ),
      );
      for (const colorScheme of ["light", "dark"] as const) {
        const { page } = await open(path, { colorScheme });
        const light = () => page.evaluate("document.body.dataset.jpThemeLight");
        const paper = () => page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor");
        expect(await light()).toBe(String(colorScheme === "light"));
        expect(await found(page)).toEqual([colorScheme === "light" ? "#ffffff" : "#14171a"]);
        const [before] = [await paper()];
        await page.locator("button.nb-theme-switch").click();
        expect(await light()).toBe(String(colorScheme === "dark"));
        expect(await paper()).not.toBe(before);
        await page.emulateMedia({ media: "print" });
        expect(await paper()).toBe("rgb(255, 255, 255)");
        await page.context().close();
      }
    });

    test("runs scripts of HTML in frames that fit, and reach neither page nor network", async () => {
      const html = `<p id="a"></p><script>
      const told = [];
      try { told.push(parent.document.title); } catch { told.push("no page"); }
      fetch("https://example.org/").then(() => told.push("network"), () => told.push("no network")).finally(() => {
        document.getElementById("a").textContent = told.join(", ");
        document.getElementById("a").style.height = "300px";
      });
    </script><button onclick="this.textContent = 'pressed'">press</button>`;
      const script = shown({ "application/javascript": "element.textContent = 'filled';" });
      const { path } = await exported(notebookOf([code("", [shown({ "text/html": html }), script])]));
      const { page, requests } = await open(path);
      const frame = page.frameLocator("iframe").first();
      await expect.poll(() => frame.locator("#a").textContent(), patient).toBe("no page, no network");
      await frame.locator("button").click();
      await expect.poll(() => frame.locator("button").textContent(), patient).toBe("pressed");
      await expect.poll(() => page.evaluate('document.querySelector("iframe").clientHeight > 300'), patient).toBe(true);
      await expect
        .poll(() => page.frameLocator("iframe").last().locator("body").textContent(), patient)
        .toContain("filled");
      expect(requests.filter((url) => !url.startsWith("about:"))).toEqual([]);
      await page.context().close();
    });

    test("runs nothing of a hostile notebook's prose", async () => {
      const evil = `<img src=x onerror=alert(1)><svg><style><img src=x onerror=alert(1)></style></svg><script>alert(1)</script>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<div style="position: fixed; inset: 0; background: red">cover</div><style>body { display: none } .nb-tools { display: none }</style>`;
      const { path } = await exported(
        notebookOf(
          [markdown(`# A\n\n${evil}`), markdown("text"), code("", [view("a")])],
          withWidgets({ a: saved(writing("1")) }),
        ),
      );
      const { page, complaints, requests } = await open(path);
      await found(page);
      expect([complaints, requests]).toEqual([[], []]);
      // What the notebook's styles place anywhere stays in its cell.
      expect(await page.locator("button.nb-theme-switch").isVisible()).toBe(true);
      await page.locator("button.nb-theme-switch").click({ timeout: 10_000 });
      await page.context().close();
    });

    test("shows where the reader is in the contents, hides the code, and fits narrow screens", async () => {
      const parts = [
        "# Title",
        ...["One", "Two", "Three", "Four"].map(
          (name) =>
            `## ${name}\n\n${"A line of text. ".repeat(300)}\n\n| ${"a | ".repeat(40)}\n|${" - |".repeat(40)}\n| ${"1234 | ".repeat(40)}`,
        ),
      ];
      const cells = [...parts.map((part) => markdown(part)), code("f(); ".repeat(100))];
      const { path } = await exported(notebookOf(cells));
      const { page, complaints } = await open(path, { viewport: { width: 1600, height: 900 } });
      await page.locator("nav a", { hasText: "Three" }).click();
      await expect.poll(() => page.locator("nav a.nb-here").textContent(), patient).toBe("Three");
      await page.locator("button.nb-code-switch").click();
      await page.locator("pre.nb-code").first().waitFor({ state: "hidden" });
      await page.setViewportSize({ width: 600, height: 900 });
      await expect.poll(() => page.locator("nav details").getAttribute("open"), patient).toBe(null);
      await expect.poll(() => page.evaluate("document.documentElement.scrollWidth"), patient).toBeLessThanOrEqual(600);
      expect(complaints).toEqual([]);
      await page.context().close();
    });
  },
);
