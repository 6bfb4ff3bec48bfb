/** What programs and cells may import: values to show, running and exporting notebooks, driving and installing kernels. */
export type { Comm, CommListener, CommMessage, CommOptions, Comms } from "./comm/contract.ts";
export { comms } from "./comm/in-cell.ts";
export type { Display, Displayable, DisplayHandle, DisplayOptions, MimeBundle, View } from "./display/contract.ts";
export { display } from "./display/in-cell.ts";
export { type ExportOptions, type ExportReport, exportNotebook } from "./export/export-notebook.ts";
export type { LiveParts } from "./export/outputs.ts";
export { InstallError, type InstallPlace, install, uninstall } from "./install/install.ts";
export type { Surroundings } from "./install/jupyter-folders.ts";
export {
  type FoundKernelSpec,
  findKernelSpecs,
  type KernelSpec,
  ownKernelSpec,
} from "./install/kernelspec.ts";
export { Problem } from "./problem.ts";
export type {
  DisplayContent,
  ErrorContent,
  ExecuteReply,
  MimeData,
  StreamMetadata,
  UserExpressionReply,
} from "./protocol/messages.ts";
export { UnknownKernelError } from "./run/choose-kernel.ts";
export type { CellReport, CellStatus, ExecuteNotebookOptions, RunEvent } from "./run/execute-notebook.ts";
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
export { JupyterServer, type NewKernel, type ServerAddress, ServerError } from "./run/jupyter-server.ts";
export {
  type ExecuteOptions,
  Kernel,
  type KernelInfo,
  type KernelStart,
} from "./run/kernel.ts";
export { KernelError, type KernelWait } from "./run/kernel-wait.ts";
export type { Metrics } from "./run/metrics.ts";
export type {
  Cell,
  CodeCell,
  DisplayOutput,
  ErrorOutput,
  Json,
  JsonObject,
  MimeBundle as OutputBundle,
  Notebook,
  Output,
  ResultOutput,
  StreamOutput,
  TextCell,
} from "./run/notebook.ts";
export { NotebookError } from "./run/notebook-file.ts";
export { ParameterError } from "./run/parameters.ts";
export type { ResumeOptions, Step } from "./run/resume.ts";
export type { CellLimits } from "./run/run-cell.ts";
export { type RunOptions, type RunReport, runNotebook } from "./run/run-notebook.ts";
export type { KernelServer } from "./server/server.ts";
export { AnyWidget, type WidgetMessageListener, type WidgetOptions } from "./widget/any-widget.ts";
export type { ChangeListener, Origin } from "./widget/traits.ts";
export {
  type ConnectionInfo,
  type Header,
  type JsonObject as MessageObject,
  type Message,
  readConnectionFile,
} from "./wire/index.ts";
