import type { Runtime } from "node:inspector";
import { Script } from "node:vm";
import type { Rendering } from "../display/bundle.ts";
import { support } from "./conditions.ts";
import type { UserFrame } from "./frames.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { objectGroup, type RemoteValue } from "./messages.ts";

/** How long an expression may take in a stopped cell, in milliseconds: nothing else could end it. */
const longest = 10_000;
/** How long a value may take to say how it is displayed. */
const patience = 2000;

/** Evaluates what clients ask for: in a frame of the stopped cell, or among the notebook's variables. */
export class Evaluation {
  readonly #inspector: InspectorClient;

  constructor(inspector: InspectorClient) {
    this.#inspector = inspector;
  }

  /**
   * The value of a JavaScript expression.
   * @throws Error with what the expression threw.
   */
  async evaluate(expression: string, frame: UserFrame | undefined, isHarmless = false): Promise<RemoteValue> {
    const text = asExpression(expression);
    const how = { objectGroup, generatePreview: true, silent: true, throwOnSideEffect: isHarmless, timeout: longest };
    const callFrameId = frame?.live?.callFrameId;
    if (callFrameId === undefined)
      return this.#post("Runtime.evaluate", { ...how, expression: `with (${support}.variables) { ${text}\n}` });
    await this.#post("Runtime.evaluate", { expression: `${support}.lend()` });
    try {
      return await this.#post("Debugger.evaluateOnCallFrame", { ...how, callFrameId, expression: text });
    } finally {
      await this.#post("Runtime.evaluate", { expression: `${support}.takeBack()` });
    }
  }

  /** A variable as it would be displayed. */
  async rendering(name: string, frame: UserFrame | undefined, isStopped: boolean): Promise<Rendering> {
    const value = await this.evaluate(name, frame);
    const rendering = this.#onSupport(isStopped ? "renderingNow" : "rendering", [value], !isStopped);
    const late = new Promise<never>((_resolve, reject) =>
      setTimeout(reject, patience, new Error(`${name}: it did not say in time how it is displayed`)).unref(),
    );
    const { value: json } = await Promise.race([rendering, late]);
    return JSON.parse(String(json)) as Rendering;
  }

  /** Puts the value of an expression among the notebook's variables. */
  async copy(expression: string, frame: UserFrame | undefined, name: string): Promise<void> {
    await this.#onSupport("define", [{ type: "string", value: name }, await this.evaluate(expression, frame)], false);
  }

  /** The names of what may follow an expression with a dot, or of all notebook variables. */
  async namesIn(expression: string | undefined, frame: UserFrame | undefined): Promise<string[]> {
    const object = expression
      ? await this.evaluate(expression, frame, true)
      : await this.evaluate(`${support}.variables`, undefined);
    const { objectId, type } = object;
    const parameters = { returnByValue: true, silent: true };
    const list = `function () {
      const names = new Set();
      for (let object = Object(this); object; object = Object.getPrototypeOf(object))
        for (const name of Object.getOwnPropertyNames(object)) if (!/^\\d+$/.test(name)) names.add(name);
      return [...names];
    }`;
    const own = `function () { return Object.keys(this); }`;
    const target =
      objectId ?? (await this.evaluate(`Object(${type === "string" ? '""' : expression})`, frame)).objectId;
    if (target === undefined) return [];
    const { value } = await this.#post("Runtime.callFunctionOn", {
      ...parameters,
      objectId: target,
      functionDeclaration: expression ? list : own,
    });
    return Array.isArray(value) ? (value as string[]) : [];
  }

  async #onSupport(method: string, values: readonly RemoteValue[], awaitPromise: boolean): Promise<RemoteValue> {
    const { objectId } = await this.#post("Runtime.evaluate", { expression: support, objectGroup });
    const given = values.map((value) => (value.objectId ? { objectId: value.objectId } : literal(value)));
    return this.#post("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: `function (...values) { return this.${method}(...values); }`,
      arguments: given,
      awaitPromise,
    });
  }

  async #post(method: string, parameters: object): Promise<RemoteValue> {
    const { result, exceptionDetails } = await this.#inspector.post<Runtime.EvaluateReturnType>(method, parameters);
    if (!exceptionDetails) return result;
    const { exception, text } = exceptionDetails;
    throw new Error(
      exception?.description?.split("\n")[0] ?? (exception ? `Thrown: ${String(exception.value)}` : text),
    );
  }
}

function literal({ value, unserializableValue }: RemoteValue): Runtime.CallArgument {
  return unserializableValue ? { unserializableValue } : { value: value as unknown };
}

// `{ a: 1 }` is meant as an object, though it would be read as a block.
function asExpression(text: string): string {
  if (!/^\s*\{/.test(text)) return text;
  try {
    new Script(`(${text}\n)`);
    return `(${text}\n)`;
  } catch {
    return text;
  }
}
