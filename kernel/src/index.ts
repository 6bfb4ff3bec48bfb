/** What programs and cells may import: showing values, running notebooks, driving and installing kernels. */
export type { Display, Displayable, DisplayHandle, DisplayOptions, MimeBundle, View } from "./display/contract.ts";
export { display } from "./display/in-cell.ts";
export { InstallError, type InstallPlace, install, uninstall } from "./install/install.ts";
export { type FoundKernelSpec, findKernelSpecs, type KernelSpec, ownKernelSpec } from "./install/kernelspec.ts";
export { type ExecuteOptions, KernelClient, KernelError, type KernelInfo } from "./run/client.ts";
export { Execution } from "./run/execution.ts";
export {
  type Check,
  checkMetrics,
  type Expectation,
  ExpectationError,
  type Expectations,
  parseExpectations,
  readExpectations,
} from "./run/expectations.ts";
export { Kernel, type KernelStart } from "./run/kernel.ts";
export type { Cell, CodeCell, Notebook, Output, TextCell } from "./run/notebook.ts";
export { type RunOptions, type RunReport, runNotebook } from "./run/run-notebook.ts";
