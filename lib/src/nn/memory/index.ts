export {
  type Address,
  addressed,
  contentWeights,
  MemoryHead,
  type MemoryHeadOptions,
  sharpenedWeights,
  shiftedWeights,
} from "./addressing.ts";
export { ReadHead, WriteHead, writtenTo } from "./heads.ts";
export { MemoryNetwork, type MemoryNetworkOptions } from "./memory-network.ts";
export { TuringMachine, type TuringMachineOptions, type TuringMachineState } from "./turing-machine.ts";
