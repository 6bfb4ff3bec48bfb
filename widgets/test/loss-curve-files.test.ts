import { expect, test } from "vitest";
import { csvOf } from "../src/browser/loss-curve/files.ts";
import { Run } from "../src/series/run.ts";

test("values that are saved share a row where they were given together, and none takes the place of another", () => {
  const run = new Run(1, "=a", 1, 0);
  const add = (step: number, values: Record<string, number>) =>
    run.add(
      { step, seconds: 1 },
      Object.entries(values).map(([metric, value]) => ({ metric, value, aside: false, higherIsBetter: false })),
      1000,
    );
  add(1, { loss: -3, error: 0.5 });
  add(1, { loss: 2 });
  add(1, { "+error": 0.25 });
  add(2, { loss: 1 });
  expect(csvOf([run]).split("\r\n")).toEqual([
    "run,step,epoch,seconds,time,loss,error,'+error",
    "'=a,1,,1,1970-01-01T00:00:01.000Z,-3,0.5,0.25",
    "'=a,1,,1,1970-01-01T00:00:01.000Z,2,,",
    "'=a,2,,1,1970-01-01T00:00:01.000Z,1,,",
    "",
  ]);
});
