import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, vi } from "vitest";
import {
  data,
  fromNpy,
  fromNpz,
  fromSafetensors,
  loadNpz,
  tensor,
  toNpy,
  toNpz,
  toSafetensors,
} from "../../src/index.ts";
import { type Behaviour, content, dropping, here, options, published } from "../data/publisher.ts";
import { type Mistake, refused } from "./refused.ts";

const x = tensor([1, 2, 3]);
const npz = () => toNpz(new Map([["x", x]]));
const safetensors = () => toSafetensors(new Map([["x", x]]));
const served = (behaviour: Behaviour) => () => {
  here.behaviour = behaviour;
  return data.download(published(), options);
};
/** A file with another byte at a place, counted from the end if below 0. */
const altered = (bytes: Uint8Array, at: number, value: number) => bytes.with(at < 0 ? bytes.length + at : at, value);

const files: readonly Mistake[] = [
  [
    "half a safetensors file",
    async () => fromSafetensors((await safetensors()).slice(0, 40)),
    /too short for a safetensors header/,
  ],
  [
    "safetensors without the last value",
    async () => fromSafetensors((await safetensors()).slice(0, -4)),
    /the tensors end at byte 108, the file at 104: it was cut off/,
  ],
  [
    "safetensors with a spoilt header",
    async () => fromSafetensors(altered(await safetensors(), 8, 0)),
    /the header is not JSON; is this a safetensors file/,
  ],
  ["half an npz", async () => fromNpz((await npz()).slice(0, 100)), /no zip file, or it was cut off/],
  [
    "an npz with a changed bit",
    async () => {
      const file = await npz();
      const end = Buffer.from(file).indexOf(Buffer.from("PK\x01\x02", "latin1"));
      return fromNpz(altered(file, end - 20, file[end - 20]! ^ 1));
    },
    /do not have the checksum that they were written with: it is damaged/,
  ],
  ["an npz that is not there", () => loadNpz(join(here.folder, "none.npz")), /there is no such file/],
  [
    "an npy that is cut off",
    async () => fromNpy((await toNpy(x)).slice(0, -1)),
    /11 bytes of values, \[3\] of float32 takes 12: it was cut off/,
  ],
  ["an npy with a spoilt beginning", async () => fromNpy(altered(await toNpy(x), 0, 0)), /does not begin as an npy/],
];

const downloads: readonly Mistake[] = [
  [
    "connections that always break",
    served(dropping(0)),
    /cannot download sets\/\d+\.bin: 127\.0\.0\.1:\d+ broke the connection\. Put http/,
  ],
  [
    "a file that a server gives in part",
    served((_, response) => void response.writeHead(200).end(content.subarray(0, 1000))),
    /gave other bytes: sha256:[0-9a-f]{12}…, expected sha256:/,
  ],
  [
    "a file that a server does not have",
    served((_, response) => void response.writeHead(404).end()),
    /answers 404\. Put http.*or set GRADBOOK_DATA to a folder/,
  ],
  [
    "a copy in the reader's folder that was cut off",
    () => {
      vi.stubEnv("GRADBOOK_DATA", here.folder);
      const file = published();
      mkdirSync(join(here.folder, "sets"));
      writeFileSync(join(here.folder, file.place), content.subarray(0, 1000));
      return data.download(file, options);
    },
    /is damaged or another file: sha256:[0-9a-f]{12}…, expected .*Remove it/,
  ],
];

describe("a file that is damaged", () => refused(files));
describe("a download that does not arrive whole", () => refused(downloads));
