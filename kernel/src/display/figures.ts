const schemaPattern = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)(?:\.\d+)*\.json#?$/;

const figureKeys = new Set(["data", "layout", "config", "frames"]);
const traceTypes = new Set(
  `bar barpolar box candlestick carpet choropleth choroplethmap choroplethmapbox cone contour contourcarpet densitymap
  densitymapbox funnel funnelarea heatmap heatmapgl histogram histogram2d histogram2dcontour icicle image indicator
  isosurface mesh3d ohlc parcats parcoords pie pointcloud sankey scatter scatter3d scattercarpet scattergeo scattergl
  scattermap scattermapbox scatterpolar scatterpolargl scattersmith scatterternary splom streamtube sunburst surface table
  treemap violin volume waterfall`.split(/\s+/),
);

/** The MIME type of a chart or map described as a plain object: Vega, Vega-Lite, Plotly or GeoJSON. */
export function figureTypeOf(value: unknown): string | undefined {
  if (!isPlain(value)) return undefined;
  return vegaTypeOf(value) ?? plotlyTypeOf(value) ?? geoJsonTypeOf(value);
}

function vegaTypeOf({ $schema }: Record<string, unknown>): string | undefined {
  const [, language = "", version] = (typeof $schema === "string" && schemaPattern.exec($schema)) || [];
  return version && `application/vnd.${language.replace("-", "")}.v${version}+json`;
}

// Nothing in a Plotly figure says what it is: without a layout, every trace has to name a type of Plotly's.
function plotlyTypeOf(value: Record<string, unknown>): string | undefined {
  const { data, layout } = value;
  if (!Array.isArray(data) || data.length === 0 || !Object.keys(value).every((key) => figureKeys.has(key)))
    return undefined;
  const isTrace = (trace: unknown) =>
    isPlain(trace) &&
    (trace.type === undefined
      ? isPlain(layout) && [trace.x, trace.y, trace.z].some((axis) => Array.isArray(axis) || ArrayBuffer.isView(axis))
      : typeof trace.type === "string" && traceTypes.has(trace.type));
  return data.every(isTrace) ? "application/vnd.plotly.v1+json" : undefined;
}

function geoJsonTypeOf({ type, features, geometry, properties }: Record<string, unknown>): string | undefined {
  const isFeature =
    type === "Feature" && isPlain(geometry) && typeof geometry.type === "string" && properties !== undefined;
  const isCollection =
    type === "FeatureCollection" &&
    Array.isArray(features) &&
    features.every((feature) => isPlain(feature) && feature.type === "Feature");
  return isFeature || isCollection ? "application/geo+json" : undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
