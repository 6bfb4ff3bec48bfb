import type { Locator, Page } from "playwright-core";
import { type EmbeddingExplorerOptions, embeddingExplorer, type TensorLike } from "../../../src/index.ts";

/** What the tests of the embedding explorer look at. */
export const patient = { timeout: 60_000 };

/** Rows of numbers as a tensor. */
export function matrix(rows: readonly (readonly number[])[]): TensorLike {
  const values = Float32Array.from(rows.flat());
  return { shape: [rows.length, rows[0]!.length], data: async () => values };
}

/** Four points at the corners of a square, each of another class, and what they are in the original space. */
export const corners = matrix([
  [-1, 1],
  [1, 1],
  [1, -1],
  [-1, -1],
]);
export const original = matrix([
  [1, 0, 0],
  [10, 1, 0],
  [0, 2, 0],
  [0.5, 0, 0.1],
]);
export const classes = ["ash", "birch", "cedar", "dogwood"];
export const names = ["north-west", "north-east", "south-east", "south-west"];

export function square({ named = true, ...more }: EmbeddingExplorerOptions & { readonly named?: boolean } = {}) {
  const options = { title: "Corners", positions: corners, labels: classes, ...(named && { names }), ...more };
  return embeddingExplorer(original, options);
}

/** The colours of classes on light paper, as class-marks.ts has them. */
export const blue = [38, 132, 201] as const;
export const orange = [207, 125, 2] as const;
export const green = [41, 119, 11] as const;
export const magenta = [157, 32, 121] as const;

/** Pixels of a colour. */
export interface Spot {
  readonly count: number;
  /** Their middle, in CSS pixels inside the map. */
  readonly x: number;
  readonly y: number;
}

export function mapOf(page: Page): Locator {
  return page.locator(".gb-map > canvas").last();
}

/** Where the map has a colour, give or take a little. */
export function spot(page: Page, colour: readonly number[], tolerance = 12): Promise<Spot> {
  return mapOf(page).evaluate(
    (element, [[red, green, blue], near]) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        clientWidth: number;
        getContext(kind: "2d"): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
        };
      };
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let [count, x, y] = [0, 0, 0];
      for (let at = 0; at < data.length; at += 4) {
        const apart = Math.max(
          Math.abs(data[at]! - red!),
          Math.abs(data[at + 1]! - green!),
          Math.abs(data[at + 2]! - blue!),
        );
        if (apart > near) continue;
        count++;
        x += (at / 4) % canvas.width;
        y += Math.floor(at / 4 / canvas.width);
      }
      const density = canvas.width / canvas.clientWidth;
      // A pixel's middle is half a pixel beyond its corner.
      return { count, x: (x / count + 0.5) / density, y: (y / count + 0.5) / density };
    },
    [colour, tolerance] as const,
  );
}

/** By how many whole pixels something has moved. */
export function shift(now: number, before: number): number {
  // Not −0.
  return Math.round(now - before) + 0;
}

/** Moves the pointer to a place inside the map. */
export async function pointTo(page: Page, { x, y }: { x: number; y: number }): Promise<void> {
  const box = (await mapOf(page).boundingBox())!;
  await page.mouse.move(box.x + x, box.y + y);
}

/** Drags through places inside the map. */
export async function drag(page: Page, ...places: readonly (readonly [number, number])[]): Promise<void> {
  const box = (await mapOf(page).boundingBox())!;
  const [first, ...rest] = places.map(([x, y]) => [box.x + x, box.y + y] as const);
  await page.mouse.move(...first!);
  await page.mouse.down();
  for (const place of rest) await page.mouse.move(...place, { steps: 4 });
  await page.mouse.up();
}

/** A value of the state as the kernel has it. */
export function held<Value>(explorer: object, name: string): Value {
  return (explorer as { get(name: string): Value }).get(name);
}
