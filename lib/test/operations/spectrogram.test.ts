import { describe, expect, it } from "vitest";
import { arange, melFilterBank } from "../../src/index.ts";
import { refused } from "../misuse/refused.ts";

describe("mel filters", () => {
  it("cover the band without a gap: between the outer peaks, neighbours add up to 1", async () => {
    const bank = melFilterBank({ sampleRate: 8000, size: 4096, bands: 20, low: 100 });
    expect(bank.shape).toEqual([2049, 20]);
    const sums = await bank.sum({ axis: 1 }).data();
    const peaks = await bank.argmax(0).data();
    for (let k = peaks[0]! + 1; k < peaks[19]!; k++) expect(sums[k]).toBeCloseTo(1, 5);
    expect(sums[Math.floor((100 * 4096) / 8000) - 1]).toBe(0);
  });

  it("peak at equal distances in mels", async () => {
    const bank = melFilterBank({ sampleRate: 16000, size: 65536, bands: 10 });
    const peaks = Array.from(await bank.argmax(0).data(), (k) => 2595 * Math.log10(1 + (k * 16000) / 65536 / 700));
    for (let i = 2; i < 10; i++) expect(peaks[i]! - peaks[i - 1]!).toBeCloseTo(peaks[1]! - peaks[0]!, 0);
  });

  it("a tone shows in the band around it", async () => {
    const seconds = arange(8000, { dtype: "float64" }).div(8000);
    const tone = seconds.mul(2 * Math.PI * 1000).sin();
    const bank = melFilterBank({ sampleRate: 8000, size: 512, bands: 30 });
    const energy = tone.stft({ size: 512 }).squaredMagnitude().matmul(bank).mean({ axis: 0 });
    const band = await energy.argmax(0).item();
    const middle = (Number(band) + 1) / 31;
    const top = 2595 * Math.log10(1 + 4000 / 700);
    expect(Math.abs(700 * (10 ** ((middle * top) / 2595) - 1) - 1000)).toBeLessThan(70);
  });

  refused([
    [
      "a bank above half the rate",
      () => melFilterBank({ sampleRate: 8000, size: 512, high: 5000 }),
      /from 0 to 5000 Hz, expected .* 4000/,
    ],
    ["a bank without bands", () => melFilterBank({ sampleRate: 8000, size: 512, bands: 0 }), /bands is 0/],
  ]);
});
