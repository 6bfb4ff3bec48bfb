import type { WebSocket } from "ws";

const CONTENTS_SCHEMA = "https://events.jupyter.org/jupyter_server/contents_service/v1";

/** Tells the pages that have subscribed what happens on the server. */
export class Events {
  readonly #sockets = new Set<WebSocket>();

  /** Adds a subscriber. */
  subscribe(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // What is wrong with a connection is followed by its end.
    socket.on("error", () => {});
  }

  /** Tells all subscribers. @param schema the address that names the kind of event */
  emit(schema: string, data: object): void {
    const text = JSON.stringify({ ...data, schema_id: schema });
    for (const socket of this.#sockets) socket.send(text);
  }

  /** Tells of a document that has changed. */
  contentsChanged(change: object): void {
    this.emit(CONTENTS_SCHEMA, change);
  }
}
