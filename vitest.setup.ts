import fc from "fast-check";

// The same cases each time, unless asked for others: GRADBOOK_SEED=7 npm test.
fc.configureGlobal({ seed: Number(process.env.GRADBOOK_SEED ?? 1998) });

// Kernels under test leave the user's own history alone.
process.env.GRADBOOK_HISTORY ??= "off";
