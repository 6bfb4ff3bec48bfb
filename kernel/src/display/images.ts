import type { Rendering } from "./bundle.ts";

/** What a picture's bytes say of it. */
export interface Picture {
  readonly type: string;
  /** What people call the format. */
  readonly format: string;
  /** In pixels, where the format says so near its beginning. */
  readonly width?: number;
  readonly height?: number;
}

type Size = readonly [width: number, height: number];
type Reader = (bytes: Buffer) => Size | undefined;

const formats: readonly (readonly [format: string, type: string, reader: Reader])[] = [
  ["PNG", "image/png", sizeOfPng],
  ["JPEG", "image/jpeg", sizeOfJpeg],
  ["GIF", "image/gif", sizeOfGif],
  ["WebP", "image/webp", sizeOfWebp],
  ["BMP", "image/bmp", sizeOfBmp],
  ["AVIF", "image/avif", sizeOfAvif],
];

/** Recognises a picture by how its bytes begin; nothing when they are anything else. */
export function pictureOf(content: Uint8Array): Picture | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  for (const [format, type, reader] of formats) {
    const size = reader(bytes);
    if (size && size[0] > 0 && size[1] > 0) return { type, format, width: size[0], height: size[1] };
  }
  return isSvg(bytes) ? { type: "image/svg+xml", format: "SVG" } : undefined;
}

/** Formats that pages show but some notebooks have no renderer for. */
const needHtml = new Set(["image/webp", "image/bmp", "image/avif"]);

/** How a picture is shown; the text is for places that show no pictures. */
export function renderPicture({ type, format, width, height }: Picture, bytes: Uint8Array, text: string): Rendering {
  const size = width === undefined || height === undefined ? undefined : { width, height };
  const says = size ? `${format} picture, ${size.width} × ${size.height} pixels` : `${format} picture`;
  const content = type === "image/svg+xml" ? Buffer.from(bytes).toString("utf8") : base64(bytes);
  return {
    data: {
      "text/plain": `${says}\n${text}`,
      ...(needHtml.has(type) ? { "text/html": `<img src="data:${type};base64,${content}" alt="${says}">` } : {}),
      [type]: content,
    },
    metadata: size ? { [type]: size } : {},
  };
}

/** Bytes as the protocol carries them. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function textAt(bytes: Buffer, start: number, text: string): boolean {
  return bytes.length >= start + text.length && bytes.toString("latin1", start, start + text.length) === text;
}

function sizeOfPng(bytes: Buffer): Size | undefined {
  if (bytes.length < 24 || !textAt(bytes, 0, "\x89PNG\r\n\x1a\n") || !textAt(bytes, 12, "IHDR")) return undefined;
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

function sizeOfJpeg(bytes: Buffer): Size | undefined {
  if (!textAt(bytes, 0, "\xff\xd8\xff")) return undefined;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    // A start of frame; C4, C8 and CC are tables.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

function sizeOfGif(bytes: Buffer): Size | undefined {
  if (bytes.length < 10 || !(textAt(bytes, 0, "GIF87a") || textAt(bytes, 0, "GIF89a"))) return undefined;
  return [bytes.readUInt16LE(6), bytes.readUInt16LE(8)];
}

function sizeOfWebp(bytes: Buffer): Size | undefined {
  if (bytes.length < 30 || !textAt(bytes, 0, "RIFF") || !textAt(bytes, 8, "WEBP")) return undefined;
  if (textAt(bytes, 12, "VP8X")) return [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1];
  if (textAt(bytes, 12, "VP8L")) {
    const bits = bytes.readUInt32LE(21);
    return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  }
  if (!textAt(bytes, 12, "VP8 ")) return undefined;
  return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff];
}

// Two letters alone would be found in any data.
function sizeOfBmp(bytes: Buffer): Size | undefined {
  if (bytes.length < 26 || !textAt(bytes, 0, "BM") || bytes.readUInt32LE(2) !== bytes.length) return undefined;
  const header = bytes.readUInt32LE(14);
  if (header === 12) return [bytes.readUInt16LE(18), bytes.readUInt16LE(20)];
  return header >= 40 && header <= 124 ? [bytes.readInt32LE(18), Math.abs(bytes.readInt32LE(22))] : undefined;
}

function sizeOfAvif(bytes: Buffer): Size | undefined {
  if (!textAt(bytes, 4, "ftypavif") && !textAt(bytes, 4, "ftypavis")) return undefined;
  const at = bytes.subarray(0, 4096).indexOf("ispe", 0, "latin1");
  return at < 0 || at + 16 > bytes.length ? undefined : [bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12)];
}

function isSvg(bytes: Buffer): boolean {
  if (bytes[0] !== 0x3c && bytes[0] !== 0xef && !(bytes[0] !== undefined && bytes[0] <= 0x20)) return false;
  const start = bytes.toString("utf8", 0, 4096);
  return /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>/]/i.test(start);
}
