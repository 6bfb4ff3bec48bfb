import { describe, expect, test } from "vitest";
import { figureTypeOf } from "../../src/display/figures.ts";

describe("charts and maps described as objects", () => {
  test("are Vega and Vega-Lite by their schema, in its version", () => {
    const type = ($schema: unknown) => figureTypeOf({ $schema, mark: "bar" });
    expect(type("https://vega.github.io/schema/vega-lite/v5.json")).toBe("application/vnd.vegalite.v5+json");
    expect(type("https://vega.github.io/schema/vega-lite/v4.17.0.json")).toBe("application/vnd.vegalite.v4+json");
    expect(type("https://vega.github.io/schema/vega/v5.json")).toBe("application/vnd.vega.v5+json");
    expect(type("https://vega.github.io/schema/vega-lite/v6.json")).toBe("application/vnd.vegalite.v6+json");
    for (const other of [
      "https://json-schema.org/draft/2020-12/schema",
      "https://vega.github.io/schema/vega",
      5,
      undefined,
    ])
      expect(type(other)).toBeUndefined();
  });

  test("are Plotly figures by their traces", () => {
    for (const figure of [
      { data: [{ type: "bar", x: ["a"], y: [1] }] },
      { data: [{ x: [1], y: [2] }, { type: "scatter3d" }], layout: { title: "t" } },
      { data: [{ z: Float32Array.of(1) }], layout: {}, config: {}, frames: [] },
    ])
      expect(figureTypeOf(figure)).toBe("application/vnd.plotly.v1+json");
  });

  test("are not ordinary objects with a field named data", () => {
    for (const other of [
      { data: [] },
      { data: [{ id: 1, name: "Ada" }] },
      { data: [{ x: [1], y: [2] }] },
      { data: [{ type: "user", x: [1] }], layout: {} },
      { data: [{ type: "bar" }], total: 1, page: 2 },
      { data: { type: "bar" }, layout: {} },
      { type: "bar", data: { labels: ["a"], datasets: [] } },
      [{ type: "bar" }],
      null,
      "data",
    ])
      expect(figureTypeOf(other), JSON.stringify(other)).toBeUndefined();
  });

  test("are GeoJSON by features", () => {
    const feature = { type: "Feature", geometry: { type: "Point", coordinates: [1, 2] }, properties: null };
    expect(figureTypeOf(feature)).toBe("application/geo+json");
    expect(figureTypeOf({ type: "FeatureCollection", features: [feature] })).toBe("application/geo+json");
    expect(figureTypeOf({ type: "Feature", name: "login" })).toBeUndefined();
    expect(figureTypeOf({ type: "FeatureCollection", features: [1] })).toBeUndefined();
  });
});
