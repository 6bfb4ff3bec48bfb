import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as widgets from "../src/index.ts";

test("the package exports these names and no others", () => {
  expect(Object.keys(widgets).sort()).toEqual([
    "attentionMap",
    "confusionMatrix",
    "displaySymbol",
    "embeddingExplorer",
    "featureMaps",
    "filters",
    "histograms",
    "imageGrid",
    "layerExplorer",
    "lossCurve",
    "progress",
    "rateCurve",
    "runTable",
    "sweepPlot",
    "table",
  ]);
});

test("the package exports these types and no others", () => {
  const index = readFileSync(new URL("../src/index.ts", import.meta.url), "utf8");
  const lists = [...index.matchAll(/export (type )?\{([^}]*)\}/g)];
  const types = lists.flatMap(([, all, names]) =>
    names!
      .split(",")
      .flatMap((name) => ((all || name.includes("type ")) && name.trim() ? [name.replace("type ", "").trim()] : [])),
  );
  expect(types.sort()).toEqual([
    "AttentionChoice",
    "AttentionExample",
    "AttentionMap",
    "AttentionMapOptions",
    "AttentionTokens",
    "AttentionWeights",
    "Better",
    "ColourMap",
    "ConfusionMatrix",
    "ConfusionMatrixOptions",
    "CountSource",
    "CurveRun",
    "Displayable",
    "EmbeddingExplorer",
    "EmbeddingExplorerOptions",
    "ExplorerOptions",
    "ExplorerParts",
    "FoundComponents",
    "FoundRates",
    "HistogramOptions",
    "HistogramSource",
    "HistogramValues",
    "Histograms",
    "ImageGridOptions",
    "LayerExplorer",
    "LayerInputs",
    "LayerParts",
    "LossCurve",
    "LossCurveOptions",
    "MapMoment",
    "MimeBundle",
    "NamedValues",
    "NestedWeights",
    "Normalise",
    "NumericFields",
    "Observation",
    "OfInput",
    "Place",
    "Progress",
    "ProgressOptions",
    "RateCurveOptions",
    "RunEntry",
    "RunOptions",
    "RunParts",
    "RunRow",
    "RunTable",
    "RunTableOptions",
    "SweepPlot",
    "SweepPlotOptions",
    "Table",
    "TableOptions",
    "TableRows",
    "TensorLike",
    "TensorSource",
    "TileOptions",
    "TileWidget",
    "TsneCall",
    "View",
    "WithProgress",
  ]);
});
