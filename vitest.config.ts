import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{lib,widgets,kernel,notebooks}/test/**/*.test.ts"],
    setupFiles: ["./vitest.setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
