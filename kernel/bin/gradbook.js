#!/usr/bin/env node
const [command, option, file, ...others] = process.argv.slice(2);
// What Jupyter calls, and waits for: without the parts that read other command lines.
if (command === "kernel" && option === "--connection-file" && file !== undefined && others.length === 0) {
  const { startKernel } = await import("../dist/supervisor/main.js");
  startKernel(file).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
} else await import("../dist/cli.js");
