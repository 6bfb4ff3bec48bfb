#!/usr/bin/env node
const [command, option, file, ...others] = process.argv.slice(2);
try {
  // What Jupyter calls, and waits for: without the parts that read other command lines.
  if (command === "kernel" && option === "--connection-file" && file !== undefined && others.length === 0) {
    const { Problem } = await import("../dist/problem.js");
    const { startKernel } = await import("../dist/supervisor/main.js");
    startKernel(file).catch((error) => {
      console.error(error instanceof Problem ? error.message : error);
      process.exitCode = 1;
    });
  } else await import("../dist/cli.js");
} catch (error) {
  // A part of the installation is missing, or Node is too old to read it. The doctor needs no packages.
  process.exitCode = 1;
  if (command === "doctor") {
    const { runDoctor } = await import("../dist/doctor/doctor.js");
    await runDoctor({ json: process.argv.includes("--json") });
  } else {
    console.error(`gradbook: this installation is not whole. ${error.message}\nWhat is missing: gradbook doctor`);
  }
}
