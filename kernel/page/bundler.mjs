// How rspack bundles the page and its themes.
import { join } from "node:path";
import { rspack } from "@rspack/core";
import svgToUri from "mini-svg-data-uri";
import { here, manifest } from "./packages.mjs";

const inlineSvg = { dataUrl: { content: (source) => svgToUri(String(source.content ?? source)) } };
const assets = { test: /\.(jpe?g|png|gif|ico|eot|woff2?|ttf|html)(\?.*)?$/, type: "asset/resource" };
/** Fonts as SVG, for browsers of long ago. */
const svgFonts = /[\\/]webfonts[\\/]/;

const common = { context: here, mode: "production", devtool: false, performance: { hints: false } };

/** The page itself, with `entry` as the generated list of its plugins. */
export function pageConfiguration(entry, output) {
  return {
    ...common,
    name: "page",
    target: ["web", "es2022"],
    entry: { main: [join(here, "src/public-path.ts"), entry, join(here, "src/index.ts")] },
    output: { path: output, filename: "[name].[contenthash:8].js", chunkFilename: "[name].[contenthash:8].js" },
    // Of the language servers' part only the tokens are used.
    externals: { ws: "root WebSocket", "node-fetch": "root fetch" },
    resolve: {
      extensions: [".ts", ".js", ".mjs", ".json"],
      alias: { "gradbook-plugins": entry },
      fallback: { url: false, buffer: false, crypto: false, path: false, util: false, process: false },
    },
    optimization: {
      splitChunks: {
        chunks: "all",
        cacheGroups: {
          jupyterlab: {
            test: /[\\/]node_modules[\\/]@(jupyterlab|lumino)[\\/]/,
            name: "jupyterlab",
            chunks: "initial",
          },
        },
      },
    },
    module: {
      rules: [
        { test: /\.ts$/, loader: "builtin:swc-loader", options: { jsc: { parser: { syntax: "typescript" } } } },
        { test: /anywidget[\\/]dist[\\/]index\.js$/, use: [join(here, "anywidget-module.cjs")] },
        { test: /\.raw\.css$/, type: "asset/source" },
        { test: /(?<!\.raw)\.css$/, use: ["style-loader", "css-loader"], type: "javascript/auto" },
        { test: /\.(txt|md)$/, type: "asset/source" },
        assets,
        { test: /\.svg(\?.*)?$/, include: svgFonts, type: "asset/resource" },
        { test: /\.svg(\?.*)?$/, exclude: svgFonts, issuer: /\.css$/, type: "asset/inline", generator: inlineSvg },
        { test: /\.svg(\?.*)?$/, issuer: /\.[jt]s$/, type: "asset/source" },
        { test: /\.[cm]?js$/, resolve: { fullySpecified: false } },
      ],
    },
    plugins: [
      new rspack.DefinePlugin({
        ANYWIDGET_VERSION: JSON.stringify(manifest("anywidget").version),
        "process.env": "({})",
        "process.cwd": '(() => "/")',
        "process.platform": '"browser"',
      }),
    ],
  };
}

/** A theme: a stylesheet that the page loads when it is chosen. */
export function themeConfiguration(name, theme, output) {
  return {
    ...common,
    name: `theme ${name}`,
    entry: { index: theme },
    output: { path: output, filename: "[name].js" },
    module: {
      rules: [
        { test: /\.css$/, use: [rspack.CssExtractRspackPlugin.loader, "css-loader"], type: "javascript/auto" },
        { test: /\.svg$/, type: "asset/inline", generator: inlineSvg },
        assets,
      ],
    },
    plugins: [new rspack.CssExtractRspackPlugin({ filename: "index.css" })],
  };
}
