import { createHash, readFile } from "../../device/node.ts";
import { DataError } from "../../tensor/errors.ts";
import { locate, type SourceOptions } from "../download/locate.ts";
import type { About, PublishedFile } from "../download/published.ts";
import { type Archive, gunzip, untar, unxz } from "../files/archives.ts";
import { decodeWav } from "../files/wav.ts";

const about: About = {
  name: "Free Spoken Digit Dataset",
  description: "3,000 recordings of the English digits by six speakers, 50 of each digit by each, 8 kHz",
  citation: "Z. Jackson et al., Free Spoken Digit Dataset, 2018",
  licence: "CC BY-SA 4.0",
  homepage: "https://github.com/Jakobovski/free-spoken-digit-dataset",
};

const commit = "26eb9aaf76e81b692f806f9140c2d2777410d7a1";

const packed: PublishedFile = {
  place: "fsdd/fsdd_recordings.tar.xz",
  urls: [],
  digest: "sha256:5e05cf5875fd3a4169b51ebadc420b1982f838793b7e04bdb842a1106e505a83",
};

/** The archive that GitHub makes of the commit: its bytes may change, so that what is in it is checked instead. */
const archived: PublishedFile = {
  place: `fsdd/${commit}.tar.gz`,
  urls: [`https://codeload.github.com/Jakobovski/free-spoken-digit-dataset/tar.gz/${commit}`],
  digest: null,
};

/** The sha256 of "name sha256-of-file" on one line for each recording, in the order of their names. */
const contents = "dbd573d7cafe79c4b49f65718115e1304e24e067fa39eff18a660dc6cb9c360f";

export interface Recording {
  readonly digit: number;
  /** george, jackson, lucas, nicolas, theo or yweweler. */
  readonly speaker: string;
  /** Which of the 50 recordings of this digit by this speaker; 0 … 4 are the test set. */
  readonly index: number;
  /** From −1 to 1, of which there are 8,000 in a second. */
  readonly samples: Float32Array;
}

export interface SpokenDigits {
  /** 2,700 recordings. */
  readonly train: readonly Recording[];
  /** 300 recordings. */
  readonly test: readonly Recording[];
  /** Samples in a second. */
  readonly rate: number;
  readonly about: About;
}

/** Recordings of spoken digits in the order of their names, divided as their authors did. */
export async function spokenDigits(options: SourceOptions = {}): Promise<SpokenDigits> {
  const { file, path } = await locate("spokenDigits", about, [packed, archived], options);
  const bytes = await readFile(path);
  const tar = file === packed ? await unxz("spokenDigits", bytes) : gunzip("spokenDigits", bytes);
  const archive = untar("spokenDigits", tar, (name) => /^[^.].*\.wav$|^\.\/[^.].*\.wav$/.test(name));
  const files = new Map([...archive].map(([name, wav]) => [name.slice(name.lastIndexOf("/") + 1), wav]));
  checkContents(files);
  const recordings: Recording[] = [];
  for (const [name, wav] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [digit, speaker, index] = name.replace(".wav", "").split("_") as [string, string, string];
    const samples = (await decodeWav(wav).samples.data()) as Float32Array;
    recordings.push({ digit: Number(digit), speaker, index: Number(index), samples });
  }
  const part = (test: boolean) => recordings.filter(({ index }) => index < 5 === test);
  return { train: part(false), test: part(true), rate: 8000, about };
}

function checkContents(files: Archive): void {
  const lines = [...files].map(([name, wav]) => `${name} ${createHash("sha256").update(wav).digest("hex")}\n`);
  const found = createHash("sha256").update(lines.sort().join("")).digest("hex");
  if (found !== contents)
    throw new DataError(
      "spokenDigits",
      `the archive's ${files.size} recordings are others than the 3,000 of commit ${commit.slice(0, 7)}. Remove it, and it is downloaded.`,
    );
}
