#!/usr/bin/env node
try {
  await import("../dist/cli.js");
} catch (error) {
  // A part of the installation is missing, or Node is too old to read it. The doctor needs no packages.
  process.exitCode = 1;
  if (process.argv[2] === "doctor") {
    const { runDoctor } = await import("../dist/doctor/doctor.js");
    await runDoctor({ json: process.argv.includes("--json") });
  } else {
    console.error(`gradbook: this installation is not whole. ${error.message}\nWhat is missing: gradbook doctor`);
  }
}
