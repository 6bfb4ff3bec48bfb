import { basename } from "node:path";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { JsonObject } from "../wire/message.ts";
import { exceptionFilters } from "./exceptions.ts";
import { stackFrame } from "./frames.ts";
import type { DebugSession } from "./session.ts";
import { cellSuffix, type DebuggedSources, hashSeed } from "./sources.ts";
import type { Page } from "./variables.ts";

/** User code runs on one thread. */
export const threadId = 1;

interface RequestParts {
  readonly session: DebugSession;
  readonly sources: DebuggedSources;
  emit(event: string, body?: object): void;
  declare(name: string): void;
  interrupt(): void;
}

/** Answers one command with the body of its response; `then` is called when the response has been sent. */
type Answer = (given: JsonObject, then: (work: () => void) => void) => Promise<object | undefined> | object | undefined;

export type Requests = Readonly<Record<string, Answer>>;

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const always = new Set(["debugInfo", "inspectVariables", "richInspectVariables", "modules", "initialize", "variables"]);
/** These must be heard while another request waits for a busy runtime. */
const atOnce = new Set(["disconnect", "terminate"]);

/** Whether a command needs a started debugger, and waits for those before it. */
export function needsSession(command: string): boolean {
  return !always.has(command) && !atOnce.has(command);
}

const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsEvaluateForHovers: true,
  supportsSetVariable: true,
  supportsCompletionsRequest: true,
  supportsModulesRequest: true,
  supportsExceptionInfoRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsTerminateRequest: true,
  supportsRestartRequest: true,
  supportTerminateDebuggee: false,
  exceptionBreakpointFilters: exceptionFilters,
};

/** Everything that clients may ask, by command. */
export function requestsOf({ session, sources, emit, declare, interrupt }: RequestParts): Requests {
  const { execution, variables, evaluation, breakpoints } = session;
  const begin = async (then: (work: () => void) => void) => {
    await session.start();
    then(() => emit("initialized"));
  };
  // Looking at variables needs the inspector, but stops nothing; it is closed with the next cell.
  const look = () => session.inspector.open();

  return {
    debugInfo: () => ({
      isStarted: session.isDebugging,
      hashMethod: "Murmur2",
      hashSeed,
      tmpFilePrefix: sources.prefix,
      tmpFileSuffix: cellSuffix,
      breakpoints: breakpoints.requested,
      stoppedThreads: execution.stop ? [threadId] : [],
      richRendering: true,
      exceptionPaths: ["TypeScript Exceptions"],
      copyToGlobals: true,
    }),
    initialize: async (_given, then) => {
      if (!session.isDebugging) await begin(then);
      return capabilities;
    },
    attach: (_given, then) => {
      then(() => emit("thread", { reason: "started", threadId }));
      return undefined;
    },
    configurationDone: () => undefined,
    disconnect: () => {
      session.stop();
      breakpoints.clear();
      session.exceptions.filters = [];
      return undefined;
    },
    terminate: (_given, then) => {
      const { isDebugging } = session;
      session.stop();
      interrupt();
      if (isDebugging) then(() => emit("terminated"));
      return undefined;
    },
    restart: async (_given, then) => {
      session.stop();
      await begin(then);
      return undefined;
    },

    dumpCell: ({ code }) => {
      if (typeof code !== "string") throw new Error("dumpCell: code is missing, expected a string.");
      return { sourcePath: sources.dump(code) };
    },
    source: async (given) => {
      const { source, sourceReference } = given as Partial<DebugProtocol.SourceArguments>;
      const path = source?.path ?? "";
      const content = await session.textOf(path);
      if (content === undefined) throw new Error(`source: ${path || sourceReference} is not there`);
      return { content, mimeType: "text/x-typescript" };
    },
    modules: (given) => {
      const { startModule = 0, moduleCount } = given as DebugProtocol.ModulesArguments;
      const all = sources.paths.map(({ name, path }, id) => ({
        id,
        name: name === path ? basename(path) : name,
        path,
      }));
      return {
        modules: all.slice(startModule, moduleCount ? startModule + moduleCount : undefined),
        totalModules: all.length,
      };
    },

    setBreakpoints: async (given) => {
      const { source, breakpoints: wanted, lines = [] } = given as unknown as DebugProtocol.SetBreakpointsArguments;
      if (typeof source?.path !== "string")
        throw new Error("setBreakpoints: source.path is missing, expected a string.");
      return { breakpoints: await breakpoints.set(source.path, wanted ?? lines.map((line) => ({ line }))) };
    },
    setExceptionBreakpoints: async (given) => {
      const { filters = [] } = given as unknown as Partial<DebugProtocol.SetExceptionBreakpointsArguments>;
      session.exceptions.filters = filters;
      await session.applyExceptions();
      return { breakpoints: filters.map(() => ({ verified: true })) };
    },
    exceptionInfo: () => {
      const { exception, text = "" } = execution.stop ?? {};
      if (!exception) throw new Error("exceptionInfo: the cell is not stopped at an exception.");
      const typeName = exception.className ?? exception.type;
      const details = { message: text, typeName, stackTrace: exception.description ?? "" };
      return { exceptionId: typeName, description: text, breakMode: "always", details };
    },

    threads: () => ({ threads: [{ id: threadId, name: "main" }] }),
    stackTrace: (given) => {
      const { startFrame = 0, levels } = given as Partial<DebugProtocol.StackTraceArguments>;
      const frames = execution.stop?.frames ?? [];
      const shown = frames.slice(startFrame, levels ? startFrame + levels : undefined);
      return { stackFrames: shown.map(stackFrame), totalFrames: frames.length };
    },
    scopes: async ({ frameId }) => {
      const frame = session.frame(Number(frameId));
      return { scopes: frame ? await variables.scopesOf(frame) : [] };
    },
    variables: async (given) => {
      const { variablesReference, ...page } = given as unknown as DebugProtocol.VariablesArguments & Page;
      return { variables: await variables.childrenOf(variablesReference, page) };
    },
    setVariable: async (given) => {
      const { variablesReference, name, value } = given as unknown as DebugProtocol.SetVariableArguments;
      const frame = execution.stop?.frames.find(({ live }) => live);
      const result = await evaluation.evaluate(value, frame);
      await variables.set(variablesReference, name, result);
      return variables.variable(name, result);
    },
    evaluate: async (given) => {
      const { expression, frameId, context } = given as unknown as DebugProtocol.EvaluateArguments;
      if (typeof expression !== "string") throw new Error("evaluate: expression is missing, expected a string.");
      const value = await evaluation.evaluate(expression, session.frame(frameId), context === "hover");
      const { value: result, ...rest } = variables.variable("", value, expression);
      return { result, ...rest };
    },
    completions: async (given) => {
      const { text, column, frameId } = given as unknown as DebugProtocol.CompletionsArguments;
      const [, expression, start = ""] =
        /(?:([\p{ID_Continue}$.[\]]+)\.)?([\p{ID_Continue}$]*)$/u.exec(text.slice(0, column - 1)) ?? [];
      const frame = session.frame(frameId);
      const names: string[] = await evaluation.namesIn(expression, frame).catch(() => []);
      if (expression === undefined && frame) {
        const [locals] = await variables.scopesOf(frame);
        names.push(...(await variables.childrenOf(locals!.variablesReference, {})).map(({ name }) => name));
      }
      const found = [...new Set(names)].filter((name) => name.startsWith(start) && identifier.test(name));
      const targets = found.sort().map((label) => ({ label, start: column - 1 - start.length, length: start.length }));
      return { targets };
    },

    continue: async () => {
      await execution.continue();
      return { allThreadsContinued: true };
    },
    next: () => step("stepOver"),
    stepIn: () => step("stepInto"),
    stepOut: () => step("stepOut"),
    pause: async () => {
      await execution.pause();
      return undefined;
    },

    inspectVariables: async () => {
      look();
      return { variables: await variables.notebook() };
    },
    richInspectVariables: async (given) => {
      const { variableName, frameId } = given as { variableName?: string; frameId?: number };
      if (!identifier.test(variableName ?? ""))
        throw new Error(`richInspectVariables: "${variableName}" is no variable's name.`);
      look();
      const isStopped = execution.stop !== undefined;
      return { ...(await evaluation.rendering(variableName!, session.frame(frameId), isStopped)) };
    },
    copyToGlobals: async (given) => {
      const { srcVariableName, dstVariableName, srcFrameId } = given as Record<string, unknown>;
      const [from, to] = [String(srcVariableName), String(dstVariableName ?? srcVariableName)];
      if (!identifier.test(to)) throw new Error(`copyToGlobals: "${to}" is no variable's name.`);
      await evaluation.copy(from, session.frame(Number(srcFrameId)), to);
      declare(to);
      return undefined;
    },
  };

  async function step(kind: "stepOver" | "stepInto" | "stepOut"): Promise<undefined> {
    if (!execution.stop) throw new Error("step: the cell is not stopped. Set a breakpoint, or pause it.");
    await execution.step(kind);
  }
}
