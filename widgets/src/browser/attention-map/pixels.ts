/** A canvas of bytes red, green, blue, one pixel for each. */
export function pixelsOf(colours: Uint8Array, width: number, canvas = document.createElement("canvas")) {
  const height = colours.length / 3 / width;
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(colours.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}
