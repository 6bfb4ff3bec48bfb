export { type Batch, type Column, type Columns, Dataset, type Row, type SplitOptions } from "./dataset.ts";
export { type DivisionOptions, foldIndices, splitIndices } from "./division.ts";
export type { DownloadOptions } from "./download/download.ts";
export { cacheFolder } from "./download/folders.ts";
export { download, type SourceOptions } from "./download/locate.ts";
export type { Screen } from "./download/progress.ts";
export type { About, PublishedFile } from "./download/published.ts";
export { readCifar } from "./files/cifar.ts";
export { type CsvArrays, type CsvKind, type CsvOptions, type CsvTable, readCsv } from "./files/csv.ts";
export { readIdx } from "./files/idx.ts";
export { readImage, writeImage } from "./files/image-file.ts";
export { decodeJpeg, encodeJpeg } from "./files/jpeg.ts";
export { readJsonLines, writeJsonLines } from "./files/json-lines.ts";
export { type MatlabMatrix, readMat } from "./files/mat.ts";
export { decodePng, encodePng } from "./files/png.ts";
export { decodeWav, encodeWav, type Sound } from "./files/wav.ts";
export { Batched, type Examples, Loader, type LoaderOptions } from "./loader.ts";
export { type BrownSentence, type BrownText, brown } from "./sources/brown.ts";
export { cifar10, cifar10Sample } from "./sources/cifar10.ts";
export { digits } from "./sources/digits.ts";
export { fashionMnist } from "./sources/fashion-mnist.ts";
export { fraEng, type SentencePair } from "./sources/fra-eng.ts";
export { type GloveOptions, glove, type WordVectors } from "./sources/glove.ts";
export type { ImageOptions, LabelledImages } from "./sources/labelled.ts";
export { type Divided, mnist } from "./sources/mnist.ts";
export { type Faces, olivetti } from "./sources/olivetti.ts";
export { type PhotoName, photo } from "./sources/photo.ts";
export { ptb, type Treebank } from "./sources/ptb.ts";
export { type Recording, type SpokenDigits, spokenDigits } from "./sources/spoken-digits.ts";
export { airlinePassengers, dailyTemperatures, sunspots, type TimeSeries } from "./sources/time-series.ts";
export { tinyShakespeare } from "./sources/tiny-shakespeare.ts";
export { usps } from "./sources/usps.ts";
export { type WordPair, wordsim353 } from "./sources/wordsim353.ts";
export { streamCsv, streamJsonLines, streamLines } from "./streaming/lines.ts";
export { type Field, RecordFile, type RecordLayout, type Stored } from "./streaming/record-file.ts";
export { Stream } from "./streaming/stream.ts";
export { inWorkers, type WorkersOptions } from "./streaming/workers.ts";
export { type DatePair, type DatesOptions, dates } from "./synthetic/dates.ts";
export { circles, moons, type Points, type PointsOptions, spirals, xor } from "./synthetic/planes.ts";
export {
  type Scene,
  type SceneColour,
  type SceneObject,
  type SceneRelation,
  type SceneShape,
  type Scenes,
  type ScenesOptions,
  scenes,
} from "./synthetic/scenes.ts";
export {
  adding,
  type CopyOptions,
  combinations,
  copying,
  parity,
  type ReverseOptions,
  reversing,
  type TaskOptions,
} from "./synthetic/sequence-tasks.ts";
export { BytePairs, type BytePairsJson, type BytePairsOptions } from "./text/byte-pairs.ts";
export { RunningText, type TextBatch, type TextOptions } from "./text/continuous.ts";
export {
  type Padded,
  type PadOptions,
  padded,
  type SequenceBatch,
  type SequenceLoaderOptions,
  Sequences,
} from "./text/sequences.ts";
export { type SkipGramOptions, type SkipGrams, skipGrams } from "./text/skip-gram.ts";
export { characters, type WordsOptions, words } from "./text/tokens.ts";
export { Vocabulary, type VocabularyJson, type VocabularyOptions } from "./text/vocabulary.ts";
export {
  type CropOptions,
  centerCrop,
  type RandomCropOptions,
  type RandomFlipOptions,
  randomCrop,
  randomFlip,
} from "./transforms/crop.ts";
export { type JitterOptions, jitter } from "./transforms/jitter.ts";
export { type Scaling, standardise, whiten } from "./transforms/scaling.ts";
export {
  type ElasticOptions,
  elastic,
  type Outside,
  type RandomAffineOptions,
  randomAffine,
} from "./transforms/warp.ts";
