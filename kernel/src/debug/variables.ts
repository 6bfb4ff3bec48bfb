import type { Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { support } from "./conditions.ts";
import type { UserFrame } from "./frames.ts";
import type { InspectorClient } from "./inspector-client.ts";
import { objectGroup, type RemoteValue } from "./messages.ts";
import { type Collection, collectionOf, pageOf, rangesOf } from "./pages.ts";
import { sizeOf, textOf, typeOf } from "./values.ts";

interface Scope {
  readonly objectId: string;
  /** Where the inspector counts it in its frame, for setting variables. */
  readonly index: number;
}

/** What stands behind a reference that clients may expand. */
type Node =
  | { readonly kind: "scopes"; readonly scopes: readonly Scope[]; readonly frame: UserFrame }
  | { readonly kind: "notebook" }
  | {
      readonly kind: "object";
      readonly objectId: string;
      readonly expression: string | undefined;
      readonly collection: Collection | undefined;
    }
  | {
      readonly kind: "range";
      readonly objectId: string;
      readonly expression: string | undefined;
      readonly collection: Collection;
      readonly start: number;
    }
  | { readonly kind: "getter"; readonly objectId: string; readonly name: string };

/** A page of children, as clients ask for them. */
export type Page = Pick<DebugProtocol.VariablesArguments, "filter" | "start" | "count">;

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** What converted cells and modules have around them. */
const added = new Set(["exports", "require", "module", "__cell", "__filename", "__dirname", "arguments"]);
/** Of what the inspector knows of an object beyond its properties, what helps. */
const telling = new Set(["[[PromiseState]]", "[[PromiseResult]]", "[[Target]]", "[[Handler]]", "[[PrimitiveValue]]"]);

/** Variables and their parts, under references that are good until the cell goes on. */
export class Variables {
  readonly #inspector: InspectorClient;
  readonly #nodes = new Map<number, Node>();
  #last = 0;

  constructor(inspector: InspectorClient) {
    this.#inspector = inspector;
  }

  /** Forgets all references, so that the values behind them can be collected. */
  clear(): void {
    if (this.#nodes.size === 0) return;
    this.#nodes.clear();
    if (this.#inspector.isOpen)
      this.#inspector.post("Runtime.releaseObjectGroup", { objectGroup }).catch(() => undefined);
  }

  /** What a frame sees, nearest first. */
  async scopesOf(frame: UserFrame): Promise<DebugProtocol.Scope[]> {
    const chain = (frame.live?.scopeChain ?? []).flatMap(({ type, object, name }, index) =>
      object.objectId === undefined ? [] : [{ type, name, index, objectId: object.objectId }],
    );
    const own = chain.findIndex(({ type }) => type === "local") + 1;
    const scopes: DebugProtocol.Scope[] = [];
    const add = (name: string, node: Node, more: Partial<DebugProtocol.Scope> = {}) =>
      scopes.push({ name, variablesReference: this.#refer(node), expensive: false, ...more });
    if (frame.live)
      add("Locals", { kind: "scopes", scopes: chain.slice(0, own), frame }, { presentationHint: "locals" });
    const outer = chain.slice(own).filter(({ type }) => ["closure", "block", "catch"].includes(type));
    for (const [i, scope] of outer.entries()) {
      const node: Node = { kind: "scopes", scopes: [scope], frame };
      if ((await this.#children(node, {})).length === 0) continue;
      const isTop = i === outer.length - 1 && frame.script !== undefined;
      add(isTop ? frame.script.name : scope.name ? `Closure (${scope.name})` : "Closure", node);
    }
    add("Globals", { kind: "notebook" });
    return scopes;
  }

  /** The variables that cells share. */
  notebook(): Promise<DebugProtocol.Variable[]> {
    return this.#children({ kind: "notebook" }, {});
  }

  /** @throws Error when the reference is not good any more. */
  async childrenOf(reference: number, page: Page): Promise<DebugProtocol.Variable[]> {
    return this.#children(this.#node(reference), page);
  }

  /** A value under a name, with a reference when it has parts. */
  variable(name: string, value: RemoteValue, expression?: string): DebugProtocol.Variable {
    const text = textOf(value);
    const common = {
      name,
      value: text,
      type: typeOf(value),
      ...(expression !== undefined && { evaluateName: expression }),
    };
    const { objectId, type } = value;
    if (objectId === undefined || type === "symbol") return { ...common, variablesReference: 0 };
    const collection = collectionOf(value);
    const variablesReference = this.#refer({ kind: "object", objectId, expression, collection });
    const size = sizeOf(value);
    return { ...common, variablesReference, ...(size !== undefined && { indexedVariables: size }) };
  }

  /** Gives a variable, or a part of one, a value. */
  async set(reference: number, name: string, value: RemoteValue): Promise<void> {
    const node = this.#node(reference);
    const { objectId, unserializableValue } = value;
    const newValue = objectId
      ? { objectId }
      : unserializableValue
        ? { unserializableValue }
        : { value: value.value as unknown };
    if (node.kind === "scopes") {
      for (const { objectId, index } of node.scopes) {
        if (!(await this.#properties(objectId)).result.some((property) => property.name === name)) continue;
        const where = { scopeNumber: index, callFrameId: node.frame.live?.callFrameId };
        await this.#inspector.post("Debugger.setVariableValue", { ...where, variableName: name, newValue });
        return;
      }
      throw new Error(`there is no variable ${name} here`);
    }
    const target = node.kind === "notebook" ? await this.#notebookId(false) : node.objectId;
    const functionDeclaration = `function (name, value) {
      if (this instanceof Map) this.set([...this.keys()][name], value);
      else this[name] = value;
    }`;
    const { exceptionDetails } = await this.#inspector.post<Runtime.CallFunctionOnReturnType>(
      "Runtime.callFunctionOn",
      {
        objectId: target,
        functionDeclaration,
        arguments: [{ value: name }, newValue],
      },
    );
    if (exceptionDetails)
      throw new Error(exceptionDetails.exception?.description?.split("\n")[0] ?? "it cannot be set");
  }

  #node(reference: number): Node {
    const node = this.#nodes.get(reference);
    if (!node)
      throw new Error(`variables: the reference ${reference} is not known, expected one given since the last stop`);
    return node;
  }

  #refer(node: Node): number {
    this.#nodes.set(++this.#last, node);
    return this.#last;
  }

  async #children(node: Node, { filter, start, count }: Page): Promise<DebugProtocol.Variable[]> {
    switch (node.kind) {
      case "scopes":
        return this.#inScopes(node);
      case "notebook":
        return (await this.#named(await this.#notebookId(), (name) => name)).filter(({ name }) =>
          identifier.test(name),
        );
      case "getter":
        return [this.variable("value", await this.#got(node))];
      case "range":
        return this.#elements(node, node.start, node.collection.size);
      case "object": {
        const { collection, objectId, expression } = node;
        const isPaged = start !== undefined || count !== undefined;
        const size = Math.min(count || Number.POSITIVE_INFINITY, (collection?.size ?? 0) - (start ?? 0));
        const elements =
          !collection || filter === "named"
            ? []
            : isPaged
              ? await this.#page(node, collection, start ?? 0, size)
              : await this.#elements({ ...node, collection }, 0, collection.size);
        const named =
          filter === "indexed" ? [] : await this.#named(objectId, (name) => memberOf(expression, name), collection);
        return [...elements, ...named];
      }
    }
  }

  /** All elements in a range; many of them as ranges to expand. */
  async #elements(
    node: { objectId: string; expression: string | undefined; collection: Collection },
    start: number,
    size: number,
  ): Promise<DebugProtocol.Variable[]> {
    const { objectId, expression, collection } = node;
    const ranges = rangesOf(start, size);
    if (ranges.length === 0) return this.#page(node, collection, start, size);
    return ranges.map((range) => {
      const part: Collection = { ...collection, size: range.size };
      const variablesReference = this.#refer({
        kind: "range",
        objectId,
        expression,
        collection: part,
        start: range.start,
      });
      return { name: `[${range.start} … ${range.start + range.size - 1}]`, value: "", variablesReference };
    });
  }

  async #page(
    { objectId, expression }: { objectId: string; expression: string | undefined },
    collection: Collection,
    start: number,
    size: number,
  ): Promise<DebugProtocol.Variable[]> {
    const elements = await pageOf(this.#inspector, objectId, collection, start, size);
    return elements.map(({ name, value, index }) =>
      this.variable(name, value, index === undefined ? undefined : memberOf(expression, index)),
    );
  }

  async #inScopes({
    scopes,
    frame,
  }: {
    scopes: readonly Scope[];
    frame: UserFrame;
  }): Promise<DebugProtocol.Variable[]> {
    const found = new Map<string, DebugProtocol.Variable>();
    for (const { objectId } of scopes)
      for (const { name, value } of (await this.#properties(objectId)).result) {
        // The converter's own names do not occur in what the user wrote.
        const isUsers = !added.has(name) && (frame.script?.text.includes(name) ?? true);
        if (value && isUsers && !found.has(name)) found.set(name, this.variable(name, value, name));
      }
    if (scopes.length > 0 && scopes[0]?.index === 0) {
      const { live } = frame;
      if (live?.returnValue) found.set("(return value)", this.variable("(return value)", live.returnValue));
      const receiver = live?.this;
      const isMethod =
        receiver && receiver.type !== "undefined" && receiver.className !== "global" && live.functionName !== "";
      if (isMethod) found.set("this", this.variable("this", receiver, "this"));
    }
    return [...found.values()];
  }

  async #named(
    objectId: string,
    expressionOf: (name: string) => string | undefined,
    collection?: Collection,
  ): Promise<DebugProtocol.Variable[]> {
    const { result, internalProperties, privateProperties } = await this.#properties(
      objectId,
      collection !== undefined,
    );
    const members = [...result, ...(privateProperties ?? [])].filter(({ name }) => !(collection && name === "length"));
    const variables = members.flatMap(({ name, value, get }) => {
      if (value) return name === "__proto__" ? [] : this.variable(name, value, expressionOf(name));
      if (get?.type !== "function") return [];
      // A getter may do anything: it is called when somebody asks.
      const variablesReference = this.#refer({ kind: "getter", objectId, name });
      return { name, value: "(…)", type: "getter", variablesReference, presentationHint: { lazy: true } };
    });
    for (const { name, value } of internalProperties ?? [])
      if (value && (telling.has(name) || (name === "[[Prototype]]" && isInteresting(value))))
        variables.push({ ...this.variable(name, value), presentationHint: { kind: "virtual" } });
    return variables;
  }

  #properties(
    objectId: string,
    nonIndexedPropertiesOnly = false,
  ): Promise<Runtime.GetPropertiesReturnType & { privateProperties?: Runtime.PropertyDescriptor[] }> {
    const parameters = { objectId, ownProperties: true, generatePreview: true, nonIndexedPropertiesOnly };
    return this.#inspector.post("Runtime.getProperties", parameters);
  }

  async #got({ objectId, name }: { objectId: string; name: string }): Promise<RemoteValue> {
    const { result } = await this.#inspector.post<Runtime.CallFunctionOnReturnType>("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: "function (name) { return this[name]; }",
      arguments: [{ value: name }],
      generatePreview: true,
      silent: true,
    });
    return result;
  }

  // To look at, a copy: those that cells may assign to are accessors, which an inspector would not look into.
  async #notebookId(copied = true): Promise<string> {
    const variables = `${support}.variables`;
    const expression = copied ? `({ ...${variables} })` : variables;
    const { result } = await this.#inspector.post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression,
      objectGroup,
    });
    return result.objectId ?? "";
  }
}

function memberOf(expression: string | undefined, name: string | number): string | undefined {
  if (expression === undefined || String(name).startsWith("#")) return undefined;
  if (typeof name === "number") return `${expression}[${name}]`;
  return identifier.test(name) ? `${expression}.${name}` : `${expression}[${JSON.stringify(name)}]`;
}

// The prototypes of plain objects, arrays and functions say nothing.
function isInteresting({ className, description = "", subtype }: RemoteValue): boolean {
  return (
    subtype !== "null" &&
    !["Object", "Array", "Function"].includes(description) &&
    className !== "Function" &&
    !/^Array\(/.test(description)
  );
}
