import { expect, test } from "vitest";
import { figureInColours } from "../../src/display/figure-colours.ts";

const dark = { "#fff": "#000", "#123": "#abc" };

test("a figure that names dark colours has them on a dark page, but not in what is fixed", () => {
  const figure = {
    data: [
      { type: "heatmap", colorscale: [[0, "#fff"]], z: [[1, null]] },
      { type: "heatmap", meta: "fixed", colorscale: [[0, "#fff"]] },
    ],
    layout: { meta: { dark }, font: { color: "#123" }, title: { text: "#fff paper" }, width: 3 },
    config: { responsive: true },
  };
  expect(figureInColours(figure, true)).toEqual(figure);
  expect(figureInColours(figure, false)).toMatchObject({
    data: [{ type: "heatmap", colorscale: [[0, "#000"]], z: [[1, null]] }, figure.data[1]],
    layout: { font: { color: "#abc" }, title: { text: "#fff paper" }, width: 3 },
    config: { responsive: true },
  });
});

test("one that says nothing has the page's colours, and one with a template keeps it", () => {
  const [light, night] = [true, false].map((isLight) => figureInColours({ data: [] }, isLight).layout!.template);
  expect(light).toMatchObject({ layout: { paper_bgcolor: "rgba(0,0,0,0)", font: { color: "#333" } } });
  expect(night).toMatchObject({ layout: { font: { color: "#ddd" } } });
  const own = { layout: { template: { layout: {} }, height: 4 } };
  expect(figureInColours(own, false).layout).toEqual(own.layout);
});
