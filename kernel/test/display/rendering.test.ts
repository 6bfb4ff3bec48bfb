import { describe, expect, test } from "vitest";
import { rendered, renderingOf } from "../../src/display/bundle.ts";
import { displaySymbol, type MimeBundle } from "../../src/display/contract.ts";
import { jsonOf } from "../../src/display/json.ts";

const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

describe("what is shown of a value", () => {
  test("is a picture, with its size, when it is a picture's bytes in whatever holds bytes", async () => {
    const base64 = gif.toString("base64");
    const memory = gif.buffer.slice(gif.byteOffset, gif.byteOffset + gif.byteLength);
    for (const value of [gif, new Uint8Array(gif), memory]) {
      const { data, metadata } = await renderingOf(value);
      expect(data).toMatchObject({
        "image/gif": base64,
        "text/plain": expect.stringMatching(/^GIF picture, 1 × 1 pixels\n/),
      });
      expect(metadata).toEqual({ "image/gif": { width: 1, height: 1 } });
    }
    expect((await renderingOf(new Blob([gif]))).data["image/gif"]).toBe(base64);
    expect((await renderingOf(Buffer.from("<svg></svg>"))).data["image/svg+xml"]).toBe("<svg></svg>");
    expect(Object.keys((await renderingOf(Buffer.from("hello"))).data)).toEqual(["text/plain"]);
  });

  test("is a blob's content by its type", async () => {
    const shown = async (content: string, type: string) => (await renderingOf(new Blob([content], { type }))).data;
    expect(await shown("<b>x</b>", "text/html;charset=utf-8")).toMatchObject({ "text/html": "<b>x</b>" });
    expect(await shown('{"a":1}', "application/vnd.x+json")).toMatchObject({ "application/vnd.x+json": { a: 1 } });
    expect(Object.keys(await shown("{", "application/json"))).toEqual(["text/plain"]);
    expect(Object.keys(await shown("x", "application/octet-stream"))).toEqual(["text/plain"]);
  });

  test("is a chart as JSON, its typed arrays as lists", async () => {
    const { data } = await renderingOf({ data: [{ type: "bar", y: Float32Array.of(1, Number.NaN) }] });
    expect(data["application/vnd.plotly.v1+json"]).toEqual({ data: [{ type: "bar", y: [1, null] }] });
  });

  test("is the value's own bundle: bytes in base64, the rest as JSON", () => {
    const bundle = {
      "image/png": Uint8Array.of(1, 2),
      "application/json": { big: 1n, gone: undefined, map: new Map([["k", new Set([1])]]) },
    };
    expect(rendered(bundle).data).toEqual({ "image/png": "AQI=", "application/json": { big: 1, map: { k: [1] } } });
  });

  test.each<[unknown, RegExp]>([
    [null, /bundle is null, expected an object keyed by MIME type/],
    ["<b>", /bundle is '<b>'/],
    [[1], /bundle is \[ 1 \]/],
    [{ "a/b": undefined }, /content of a\/b is undefined, expected text, bytes/],
    [{ "a/b": () => 1 }, /content of a\/b is \[Function/],
  ])("is refused when its own bundle is %s", (bundle, message) => {
    expect(() => renderingOf({ [displaySymbol]: () => bundle as MimeBundle })).toThrow(message);
  });
});

describe("JSON of a value", () => {
  test("agrees with JSON.stringify on what that can carry", () => {
    const value = {
      a: [1, "x", null, undefined, () => 1, Number.NaN],
      d: new Date(0),
      u: undefined,
      n: { toJSON: () => 5 },
    };
    expect(jsonOf(value)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(Object.keys(jsonOf(JSON.parse('{"__proto__": 1}')) as object)).toEqual(["__proto__"]);
  });

  test("says where a value contains itself, and lets it appear twice", () => {
    const twice = { x: 1 };
    expect(jsonOf([twice, twice])).toEqual([{ x: 1 }, { x: 1 }]);
    const cyclic: Record<string, unknown> = { a: [{}] };
    (cyclic.a as unknown[]).push(cyclic);
    expect(() => jsonOf(cyclic)).toThrow("contains itself at a[1]");
  });
});
