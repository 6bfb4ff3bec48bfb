import type { Thumbnails } from "./thumbnails.ts";

/** The ways to lay points out: t-SNE in the plane and in space, principal components, and a layout given by the user. */
export type LayoutName = "tsne2" | "tsne3" | "pca" | "given";

/** Where the points are, row by row: `[count, dimensions]`. */
export interface Layout {
  readonly positions: Float32Array;
  readonly dimensions: 2 | 3;
}

/** What a run of t-SNE is told when it starts. */
export interface RunSettings {
  readonly perplexity: number;
  /** Step width; `null` leaves it to t-SNE. */
  readonly rate: number | null;
  readonly exaggeration: number;
  /** Of the random places to start from; `null` starts from the principal components. */
  readonly seed: number | null;
}

export type RunStatus = "waiting" | "preparing" | "running" | "paused" | "done" | "failed";

/** How far a run of t-SNE is. */
export interface RunState {
  readonly status: RunStatus;
  readonly iteration: number;
  /** Where it will end. */
  readonly iterations: number;
  /** Kullback–Leibler divergence in nats, as soon as it is known. */
  readonly kl: number | null;
  /** What went wrong. */
  readonly note: string;
  /** What it was told when it started. */
  readonly settings: RunSettings;
}

/** How far apart points are said to be. */
export type Measure = "cosine" | "euclidean";

/** Neighbours of a point, the nearest first. */
export interface Neighbours {
  readonly point: number;
  readonly k: number;
  readonly measure: Measure;
  readonly indices: readonly number[];
  readonly distances: readonly number[];
}

/** Where the reader looks from. Lengths are in halves of the map, so that a growing map stays in view. */
export interface Camera {
  /** The point in the middle of the view. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  /** Turns of the map in space, in radians. */
  readonly yaw: number;
  readonly pitch: number;
}

/** What kernel and page share about an embedding explorer. */
export interface ExplorerState {
  readonly title: string;
  readonly count: number;
  /** How many numbers each point has in the original space. */
  readonly features: number;
  /** The points in the original space, row by row, where they are few enough to be saved. */
  readonly vectors: Float32Array | null;
  readonly names: readonly string[] | null;
  /** Names of the classes, and the class of each point. */
  readonly classes: readonly string[] | null;
  readonly classOf: Int32Array | null;
  /** What each point is coloured by, where labels are measurements. */
  readonly values: Float32Array | null;
  readonly thumbnails: Thumbnails | null;

  readonly tsne2: Layout | null;
  readonly tsne3: Layout | null;
  readonly pca: Layout | null;
  readonly given: Layout | null;
  /** The share of the variance that each principal component has. */
  readonly shares: readonly number[] | null;

  /** Whether the kernel has been given a t-SNE to run. */
  readonly canRun: boolean;
  readonly run2: RunState;
  readonly run3: RunState;
  /** How many iterations are made between two maps that t-SNE gives out. */
  readonly every: number;

  // What the reader sets.
  readonly method: "tsne" | "pca" | "given";
  readonly inSpace: boolean;
  readonly settings: RunSettings;
  /** `null` shows all of the map. */
  readonly camera: Camera | null;
  /** Numbers of classes that are not shown. */
  readonly hidden: readonly number[];
  readonly selected: Int32Array;
  /** The point whose neighbours are shown. */
  readonly focus: number | null;
  readonly k: number;
  readonly measure: Measure;
  /** The kernel's latest answer, where the page cannot find neighbours by itself. */
  readonly neighbours: Neighbours | null;
  readonly search: string;
  readonly showImages: boolean;
  readonly showNames: boolean;
}

/** What the page says to the kernel. */
export type FromPage =
  | { readonly type: "ready"; readonly view: string }
  | { readonly type: "gone"; readonly view: string }
  | { readonly type: "drawn"; readonly view: string; readonly sequence: number }
  | { readonly type: "play" | "pause" | "step" | "restart"; readonly dimensions: 2 | 3; readonly settings: RunSettings }
  | { readonly type: "neighbours"; readonly point: number; readonly k: number; readonly measure: Measure };

/** A map of t-SNE on its way to the page; the positions are in the message's one buffer. */
export interface MapMessage {
  readonly type: "map";
  readonly dimensions: 2 | 3;
  /** To be sent back when the map has been drawn: before that, no other is sent. */
  readonly sequence: number;
  readonly run: RunState;
}

/** The name under which the state has the layout that is shown. */
export function layoutName(method: ExplorerState["method"], inSpace: boolean): LayoutName {
  if (method !== "tsne") return method;
  return inSpace ? "tsne3" : "tsne2";
}
