import fc from "fast-check";
import { XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { confusionMatrix, featureMaps, imageGrid, lossCurve } from "../src/index.ts";
import { gallery, sequence, tensor } from "./browser/gallery.ts";
import { shown } from "./showing.ts";

test("every picture is well-formed XML without NaN in it, in the SVG namespace and with a size", async () => {
  for (const [name, widget] of Object.entries(gallery())) {
    const svg = (await shown(widget))["image/svg+xml"];
    if (svg === undefined) continue;
    expect(XMLValidator.validate(svg), name).toBe(true);
    expect(svg.slice(0, 120), name).toMatch(
      /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="\d+" height="\d+" viewBox=/,
    );
    expect(svg, name).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/);
  }
});

test("no text that a user gives can spoil a picture", async () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\u0000", "\ud800x", "</svg>", "&", "]]>", "\ufffe"),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (text) => {
      const curve = lossCurve({ title: text });
      curve.run(text).add({ step: 1, loss: 1, [`a ${text}`]: 1 });
      curve.run("other").add({ step: 1, loss: 1 });
      const widgets = [
        curve,
        imageGrid(
          tensor([1, 1, 1], () => 0),
          { title: text, captions: [text] },
        ),
        confusionMatrix([[1]], { title: text, labels: [text] }),
      ];
      for (const widget of widgets) {
        const svg = (await shown(widget))["image/svg+xml"];
        expect(XMLValidator.validate(svg)).toBe(true);
        expect(svg).not.toMatch(/\p{Cs}|(?![\t\n\r])\p{Cc}/u);
      }
    }),
    { numRuns: 40 },
  );
});

/** What GitHub and the HTML cleaner of nbconvert 7 leave in an SVG that is in a notebook, of all that we might use. */
const tags = new Set(["svg", "g", "path", "rect", "circle", "text", "tspan"]);
const attributes = new Set(
  "class cx cy d fill fill-opacity font-family font-size font-weight height r rx stroke stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity stroke-width text-anchor transform viewBox width x xml:space y".split(
    " ",
  ),
);
/** What they take out and the picture can do without: dark colours, a limit to the width, sharper edges, a description. */
const dispensable = new Set(["xmlns", "role", "aria-label", "style", "shape-rendering"]);

test("pictures are made of elements and attributes that survive on GitHub", async () => {
  for (const [name, widget] of Object.entries(gallery())) {
    const svg = (await shown(widget))["image/svg+xml"]?.replace(/<style>[^<]*<\/style>/, "");
    for (const [, tag, inside] of (svg ?? "").matchAll(/<([\w-]+)((?: [\w:-]+="[^"]*")*)/g)) {
      expect(tags, name).toContain(tag);
      for (const [, attribute] of inside!.matchAll(/ ([\w:-]+)=/g)) {
        expect(attributes.has(attribute!) || dispensable.has(attribute!), `${name}: ${attribute}`).toBe(true);
      }
    }
  }
});

test("a sheet of very many values is a PNG inside the SVG", async () => {
  const noise = sequence(3);
  const big = await shown(featureMaps(tensor([16, 64, 64], () => noise())));
  expect(big["image/svg+xml"]).toContain('href="data:image/png;base64,');
  expect(big["image/svg+xml"].length).toBeLessThan(1_000_000);
});
