import { Session } from "node:inspector";
import type { InspectorCommand, InspectorEvent, InspectorFrame } from "../messages.ts";

/** How many frames of a stopped cell are told: a runaway recursion has thousands, each with all its scopes. */
const shownFrames = 400;

/** Gives the supervisor a session with the inspector of the main thread. There is none unless somebody debugs. */
export class InspectorTunnel {
  readonly #send: (frame: InspectorFrame) => void;
  #session: Session | undefined;
  #stopped = false;

  constructor(send: (frame: InspectorFrame) => void) {
    this.#send = send;
  }

  take(command: InspectorCommand): void {
    if (command.action === "open") this.#open();
    else if (command.action === "close") this.#close();
    else this.#post(command.id, command.method, command.parameters);
  }

  /** Lets no breakpoint stop the main thread while an interrupt is under way. Returns whether one has stopped it now. */
  holdBack(): boolean {
    this.#session?.post("Debugger.setSkipAllPauses", { skip: true });
    return this.#stopped;
  }

  /** The interrupt is over. */
  goOn(): void {
    this.#session?.post("Debugger.setSkipAllPauses", { skip: false });
  }

  #open(): void {
    if (this.#session) return;
    const session = new Session();
    session.connectToMainThread();
    const forward = (event: InspectorEvent) => this.#send({ type: "event", event });
    session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
      if (url !== "") forward({ method: "Debugger.scriptParsed", params: { scriptId, url } });
    });
    session.on("Debugger.paused", ({ params }) => {
      this.#stopped = true;
      const callFrames = params.callFrames.slice(0, shownFrames);
      forward({ method: "Debugger.paused", params: { ...params, callFrames } });
    });
    session.on("Debugger.resumed", () => {
      this.#stopped = false;
      forward({ method: "Debugger.resumed" });
    });
    session.on("Debugger.breakpointResolved", ({ params }) =>
      forward({ method: "Debugger.breakpointResolved", params }),
    );
    this.#session = session;
  }

  #post(id: number, method: string, parameters: object | undefined): void {
    if (!this.#session) this.#send({ type: "answer", id, error: "the debugger is not attached" });
    this.#session?.post(method, parameters, (error, result) =>
      this.#send(error ? { type: "answer", id, error: messageOf(error) } : { type: "answer", id, result }),
    );
  }

  #close(): void {
    this.#session?.disconnect();
    this.#session = undefined;
    this.#stopped = false;
  }
}

// Node writes a number before what the inspector says.
function messageOf(error: Error): string {
  return error.message.replace(/^Inspector error -?\d+: /, "");
}
