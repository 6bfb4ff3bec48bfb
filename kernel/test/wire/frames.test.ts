import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Codec, newMessage } from "../../src/wire/index.ts";

const codec = new Codec({ key: "secret", signature_scheme: "hmac-sha256" });
const message = newMessage("execute_request", { code: "π 😀" }, "session", {
  identities: [Buffer.from("client")],
  metadata: { a: 1 },
  buffers: [new Uint8Array([1, 2, 3]).subarray(1)],
});

describe("frames", () => {
  test("hold identities, delimiter, the HMAC of four JSON parts, the parts, and buffers", () => {
    const frames = codec.encode(message);
    expect(frames.slice(0, 2).map(String)).toEqual(["client", "<IDS|MSG>"]);
    const hmac = createHmac("sha256", "secret");
    for (const part of frames.slice(3, 7)) hmac.update(part);
    expect(String(frames[2])).toBe(hmac.digest("hex"));
    expect(JSON.parse(String(frames[6]))).toEqual({ code: "π 😀" });
    expect([...frames[7]!]).toEqual([2, 3]);
  });

  test("give back the message", () => {
    expect(codec.decode(codec.encode(message))).toMatchObject({
      header: message.header,
      parent: {},
      metadata: { a: 1 },
      content: { code: "π 😀" },
    });
  });

  test("are refused when any part or the signature was changed", () => {
    for (let at = 2; at < 7; at++) {
      const frames = codec.encode(message);
      frames[at] = Buffer.from(String(frames[at]).replace(/[0-9a-f{]/, "x"));
      expect(codec.decode(frames)).toBeUndefined();
    }
  });

  test("are refused when they are too few, or hold no objects", () => {
    const frames = codec.encode(message);
    for (let length = 0; length < 7; length++) expect(codec.decode(frames.slice(0, length))).toBeUndefined();
    const open = new Codec({ key: "", signature_scheme: "hmac-sha256" });
    const parts = ["<IDS|MSG>", "", "[]", "{}", "{}", "{}"].map((part) => Buffer.from(part));
    expect(open.decode(parts)).toBeUndefined();
  });

  test("need no signature when the key is empty", () => {
    const open = new Codec({ key: "", signature_scheme: "hmac-sha256" });
    const frames = open.encode(message);
    expect(frames[2]!.length).toBe(0);
    expect(open.decode(frames)?.content).toEqual({ code: "π 😀" });
  });
});
