// One of the processes that cpu.mjs, sizes.mjs and gpu.mjs compare.
import * as g from "../../dist/index.js";
import { named } from "./ours.mjs";
import { serve } from "./serve.mjs";

if (process.env.GRADBOOK_DEVICE) await g.device(process.env.GRADBOOK_DEVICE, { required: true });
await serve(named, { peer: false });
