import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { TestKernel } from "../client.ts";

test("usage_request tells what the kernel and the machine use", async () => {
  const kernel = await TestKernel.start();
  const usage = async () => (await kernel.request("control", "usage_request", {})).content;
  await usage();
  const busy = kernel.begin("const end = Date.now() + 700; while (Date.now() < end);");
  await kernel.message(busy, "execute_input");
  await kernel.end(busy);
  const after = await usage();
  expect(after).toMatchObject({ hostname: hostname(), pid: kernel.process.pid });
  expect(after.kernel_cpu).toBeGreaterThan(5);
  // Three processes, each with Node in it.
  expect(after.kernel_memory).toBeGreaterThan(100e6);
  expect(after.cpu_count).toBeGreaterThan(0);
  expect(after.host_cpu_percent).toBeGreaterThan(0);
  expect(after.host_cpu_percent).toBeLessThanOrEqual(100);
  const meminfo = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const total = Number(/MemTotal:\s+(\d+) kB/.exec(meminfo)?.[1] ?? Number.NaN) * 1024;
  if (Number.isFinite(total)) expect(after.host_virtual_memory.total).toBe(total);
  await kernel.stop();
});
