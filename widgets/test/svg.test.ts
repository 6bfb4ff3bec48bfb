import fc from "fast-check";
import { XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import {
  confusionMatrix,
  embeddingExplorer,
  featureMaps,
  imageGrid,
  lossCurve,
  rateCurve,
  sweepPlot,
} from "../src/index.ts";
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
    expect(svg.replace(/base64,[^"]+/g, ""), name).not.toMatch(/="[^"]*(NaN|Infinity|undefined)/);
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
        sweepPlot(
          [
            { [`b ${text}`]: text, rate: 1, error: 2 },
            { [`b ${text}`]: "other", rate: 2, error: 1 },
          ],
          { title: text },
        ),
        rateCurve({ rows: [{ rate: 1, loss: 1, smooth: 1 }], suggestion: 1 }, { title: text }),
        embeddingExplorer(
          tensor([1, 2], () => 0),
          { title: text, labels: [text] },
        ),
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

test("pictures need nothing from outside, and run nothing", async () => {
  const tags = new Set(["svg", "style", "g", "path", "rect", "circle", "text", "title", "tspan", "image"]);
  for (const [name, widget] of Object.entries(gallery())) {
    const svg = (await shown(widget))["image/svg+xml"] ?? "";
    for (const [, tag, inside] of svg.matchAll(/<([\w-]+)((?: [\w:-]+="[^"]*")*)/g)) {
      expect(tags, name).toContain(tag);
      expect(inside, name).not.toMatch(/ on\w+=/i);
      for (const [, address] of inside!.matchAll(/ (?:\w+:)?href="([^"]*)/g))
        expect(address, name).toMatch(/^data:image\/png;base64,/);
    }
    expect(svg, name).not.toMatch(/url\(|@import/);
  }
});

test("in a notebook a picture is an image of an HTML page, which every reader of notebooks shows", async () => {
  const title = 'a "b" <c> & é';
  const widget = imageGrid(
    tensor([1, 1, 1], () => 0),
    { title },
  );
  const bundle = await shown(widget, { changed: () => {} });
  expect(Object.keys(bundle)).not.toContain("image/svg+xml");
  const html = bundle["text/html"];
  expect(XMLValidator.validate(html.replace(/>$/, "/>"))).toBe(true);
  expect(html).toContain('alt="a &quot;b&quot; &lt;c&gt; &amp; é"');
  const [, encoded] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(html)!;
  expect(Buffer.from(encoded!, "base64").toString()).toBe((await shown(widget))["image/svg+xml"]);
});

test("values are a PNG inside the SVG", async () => {
  const noise = sequence(3);
  const big = await shown(featureMaps(tensor([16, 64, 64], () => noise())));
  expect(big["image/svg+xml"]).toContain('href="data:image/png;base64,');
  expect(big["image/svg+xml"].length).toBeLessThan(1_000_000);
});
