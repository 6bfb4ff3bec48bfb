import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HitGrid } from "../../src/browser/embedding-explorer/grid.ts";
import { placeNames } from "../../src/browser/embedding-explorer/names.ts";
import { boundsOf, home, type Placed, Projection } from "../../src/browser/embedding-explorer/projection.ts";
import { Raster } from "../../src/browser/embedding-explorer/raster.ts";
import { boxOf, type Corner, within } from "../../src/browser/embedding-explorer/region.ts";
import { Sprites } from "../../src/browser/embedding-explorer/sprites.ts";
import { Stamps } from "../../src/browser/embedding-explorer/stamps.ts";
import { sequence } from "../tensor.ts";

const placed = (count: number): Placed => ({
  x: new Float32Array(count),
  y: new Float32Array(count),
  depth: new Float32Array(count),
});

/** Points all over a view of 600 × 400. */
function scattered(count: number, seed: number): Placed {
  const next = sequence(seed);
  const places = placed(count);
  for (let i = 0; i < count; i++) [places.x[i], places.y[i]] = [700 * next() - 50, 500 * next() - 50];
  return places;
}

describe("the camera", () => {
  const next = sequence(1);
  const flat = Float32Array.from({ length: 200 }, () => 10 * next());
  const deep = Float32Array.from({ length: 300 }, () => 10 * next());
  const at = (projection: Projection, positions: Float32Array, dimensions: number) => {
    const into = placed(positions.length / dimensions);
    projection.place(positions, dimensions, into);
    return into;
  };

  test("shows all of the map from home, not much smaller than the view", () => {
    const { x, y } = at(new Projection(boundsOf(flat, 2), home, false, 600, 400), flat, 2);
    expect(Math.min(...x, ...y)).toBeGreaterThan(20);
    expect(Math.max(...x)).toBeLessThan(580);
    expect(Math.max(...y)).toBeLessThan(380);
    expect(Math.max(...y) - Math.min(...y)).toBeGreaterThan(300);
    // Upwards is upwards.
    const highest = Array.from({ length: 100 }, (_, i) => flat[2 * i + 1]!).indexOf(
      Math.max(...flat.filter((_, i) => i % 2)),
    );
    expect(y[highest]).toBe(Math.min(...y));
  });

  test("keeps what is under the pointer when it comes closer, and follows a drag to the pixel", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 4, noNaN: true }),
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: -200, max: 200 }),
        (factor, point, drag) => {
          const bounds = boundsOf(flat, 2);
          const before = at(new Projection(bounds, home, false, 600, 400), flat, 2);
          const [px, py] = [before.x[point]!, before.y[point]!];
          const closer = new Projection(bounds, home, false, 600, 400).zoomed(factor, px, py);
          const after = at(new Projection(bounds, closer, false, 600, 400), flat, 2);
          expect(after.x[point]).toBeCloseTo(px, 1);
          expect(after.y[point]).toBeCloseTo(py, 1);
          const moved = new Projection(bounds, closer, false, 600, 400).dragged(drag, -drag);
          const dragged = at(new Projection(bounds, moved, false, 600, 400), flat, 2);
          expect(dragged.x[point]).toBeCloseTo(px + drag, 1);
          expect(dragged.y[point]).toBeCloseTo(py - drag, 1);
        },
      ),
    );
  });

  test.each([false, true])("flies to a point, in space %s", (inSpace) => {
    const [positions, dimensions] = inSpace ? [deep, 3] : [flat, 2];
    const bounds = boundsOf(positions, dimensions);
    const from = new Projection(bounds, { ...home, x: 0.3, y: -0.2 }, inSpace, 600, 400);
    const to = from.towards(positions.subarray(7 * dimensions, 8 * dimensions), 5);
    const { x, y } = at(new Projection(bounds, to, inSpace, 600, 400), positions, dimensions);
    expect(x[7]).toBeCloseTo(300, 1);
    expect(y[7]).toBeCloseTo(200, 1);
  });

  test("turned by half a turn, left is right and near is far", () => {
    const bounds = boundsOf(deep, 3);
    const look = (yaw: number) =>
      at(new Projection(bounds, { x: 0, y: 0, zoom: 1, yaw, pitch: 0 }, true, 600, 400), deep, 3);
    const [front, back] = [look(0), look(Math.PI)];
    for (let i = 0; i < 100; i++) {
      expect(Math.sign(front.x[i]! - 300)).toBe(-Math.sign(back.x[i]! - 300));
      expect(front.depth[i]).toBeCloseTo(-back.depth[i]!, 5);
    }
  });

  test("puts up with a map that is a single place, or partly no numbers", () => {
    const single = new Float32Array(10).fill(3);
    const { x, y } = at(new Projection(boundsOf(single, 2), home, false, 600, 400), single, 2);
    expect([...x, ...y]).toEqual([...new Array(5).fill(300), ...new Array(5).fill(200)]);
    const holed = Float32Array.from([0, 0, Number.NaN, 1, 2, 2]);
    expect(boundsOf(holed, 2).middle).toEqual([1, 1, 0]);
  });
});

test("the grid finds the point that a search through all finds", () => {
  const places = scattered(500, 3);
  const isShown = (index: number) => index % 7 !== 0;
  const grid = new HitGrid(places, 600, 400, isShown);
  const next = sequence(5);
  for (let tries = 0; tries < 300; tries++) {
    const [x, y] = [600 * next(), 400 * next()];
    let [best, distance]: [number | undefined, number] = [undefined, 15];
    for (let i = 0; i < 500; i++) {
      const [px, py] = [places.x[i]!, places.y[i]!];
      const apart = Math.hypot(px - x, py - y);
      const isInView = px >= 0 && py >= 0 && px < 600 && py < 400;
      if (isShown(i) && isInView && apart < distance) [best, distance] = [i, apart];
    }
    expect(grid.nearest(x, y, 15)).toBe(best);
  }
});

test("a box takes the points between its corners, in whichever order they were drawn", () => {
  const places = scattered(300, 9);
  const expected = Array.from({ length: 300 }, (_, i) => i).filter(
    (i) => places.x[i]! > 100 && places.x[i]! < 300 && places.y[i]! > 50 && places.y[i]! < 200 && i !== 4,
  );
  const isShown = (index: number) => index !== 4;
  expect(expected.length).toBeGreaterThan(10);
  expect(within(boxOf([100, 50], [300, 200]), places, isShown)).toEqual(expected);
  expect(within(boxOf([300, 200], [100, 50]), places, isShown)).toEqual(expected);
});

test("a lasso takes what it goes around, also where it is hollow", () => {
  const places = placed(3);
  [places.x[0], places.y[0]] = [50, 20];
  [places.x[1], places.y[1]] = [50, 80];
  [places.x[2], places.y[2]] = [10, 50];
  // A U on its side, open to the right: the middle of its opening is outside.
  const lasso: Corner[] = [
    [0, 0],
    [100, 0],
    [100, 40],
    [30, 40],
    [30, 60],
    [100, 60],
    [100, 100],
    [0, 100],
  ];
  expect(within(lasso, places, () => true)).toEqual([0, 1, 2]);
  places.y[0] = 50;
  expect(within(lasso, places, () => true)).toEqual([1, 2]);
});

test("names cover neither each other nor the edge nor an axis' name, the first come first, and closer there are more", () => {
  const places = scattered(400, 13);
  const write = (zoom: number) => {
    const closer = placed(400);
    for (let i = 0; i < 400; i++)
      [closer.x[i], closer.y[i]] = [300 + (places.x[i]! - 300) * zoom, 200 + (places.y[i]! - 200) * zoom];
    const widthOf = (index: number) => 20 + (index % 5) * 10;
    const order = Array.from({ length: 400 }, (_, i) => i);
    const axis = { x: 270, y: 381, width: 60, height: 14 };
    const names = placeNames({
      order,
      placed: closer,
      clear: 5,
      widthOf,
      width: 600,
      height: 400,
      kept: [axis],
      most: 400,
    });
    const boxes = names.map(({ index, x, y }) => ({
      left: x,
      right: x + widthOf(index),
      top: y - 6.5,
      bottom: y + 6.5,
    }));
    boxes.forEach((a, i) => {
      expect(a.left >= 0 && a.right <= 600 && a.top >= 0 && a.bottom <= 400).toBe(true);
      expect(a.left < 330 && a.right > 270 && a.bottom > 381 && a.top < 395).toBe(false);
      for (const b of boxes.slice(i + 1))
        expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
    });
    const inView = order.filter(
      (i) => closer.x[i]! >= 0 && closer.x[i]! <= 600 && closer.y[i]! >= 0 && closer.y[i]! <= 400,
    );
    expect(names[0]!.index).toBe(inView[0]);
    return names.length / inView.length;
  };
  expect(write(4)).toBeGreaterThan(1.5 * write(1));
});

describe("the raster", () => {
  const pixel = (raster: Raster, x: number, y: number) => [
    ...raster.bytes.subarray(4 * (y * raster.width + x), 4 * (y * raster.width + x) + 4),
  ];
  const look = { shape: "disc", radius: 5, colour: [200, 30, 40], edge: [0, 0, 0], edgeWidth: 1, opacity: 1 } as const;

  test("has the mark's colour in its middle, its edge around, and the paper beyond", () => {
    const raster = new Raster(40, 40);
    raster.clear([255, 250, 245]);
    raster.mark(
      new Stamps().of("red", () => look),
      20,
      20,
    );
    expect(pixel(raster, 20, 20)).toEqual([200, 30, 40, 255]);
    expect(pixel(raster, 23, 22)).toEqual([200, 30, 40, 255]);
    expect(pixel(raster, 20, 28)).toEqual([255, 250, 245, 255]);
    const [red] = pixel(raster, 20, 25) as [number];
    expect(red).toBeLessThan(150);
  });

  test("glides: half a pixel further, a mark's weight is half a pixel further", () => {
    const weight = (x: number) => {
      const raster = new Raster(40, 40);
      raster.clear([0, 0, 0]);
      raster.mark(
        new Stamps().of("red", () => ({ ...look, edge: undefined })),
        x,
        20,
      );
      let [sum, moment] = [0, 0];
      for (let column = 0; column < 40; column++) {
        for (let row = 0; row < 40; row++) {
          sum += pixel(raster, column, row)[0]!;
          moment += column * pixel(raster, column, row)[0]!;
        }
      }
      return moment / sum;
    };
    expect(weight(20)).toBeCloseTo(20, 1);
    expect(weight(20.5)).toBeCloseTo(20.5, 1);
    expect(weight(20.26) - weight(20)).toBeCloseTo(0.5, 1);
  });

  test("cuts marks and images off at the edges", () => {
    const raster = new Raster(10, 10);
    raster.clear([255, 255, 255]);
    const stamps = new Stamps().of("red", () => look);
    const sprites = new Sprites(
      { pixels: new Uint8Array(16).fill(90), stride: 4, planes: 1, width: 4, height: 4 },
      1,
      false,
    );
    for (const [x, y] of [
      [0, 0],
      [9.6, -3],
      [-40, 5],
      [5, 400],
    ] as const) {
      raster.mark(stamps, x, y);
      raster.sprite(sprites, 0, x, y, 12, 12, [0, 0, 0], [255, 255, 255], 1);
    }
    expect(pixel(raster, 0, 0)).toEqual([90, 90, 90, 255]);
  });

  test("draws the image of each point, strokes in its colour", () => {
    // Two images of 2 × 2 beside each other: the second has a stroke on its right.
    const pixels = Uint8Array.from([0, 0, 0, 255, 0, 0, 0, 255]);
    const sprites = new Sprites({ pixels, stride: 4, planes: 1, width: 2, height: 2 }, 2, true);
    const raster = new Raster(20, 20);
    raster.clear([255, 255, 255]);
    raster.sprite(sprites, 1, 10, 10, 8, 8, [10, 20, 200], [255, 255, 255], 1);
    expect(pixel(raster, 13, 10)).toEqual([10, 20, 200, 255]);
    expect(pixel(raster, 6, 10)).toEqual([255, 255, 255, 255]);
  });

  test("draws large images small by their means", () => {
    // Stripes of one pixel: every second one would be all black or all white.
    const pixels = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i % 2) * 255);
    const sprites = new Sprites({ pixels, stride: 32, planes: 1, width: 32, height: 32 }, 1, false);
    const raster = new Raster(20, 20);
    raster.sprite(sprites, 0, 10, 10, 8, 8, [0, 0, 0], [255, 255, 255], 1);
    expect(Math.abs(pixel(raster, 10, 10)[0]! - 127)).toBeLessThan(4);
  });
});
