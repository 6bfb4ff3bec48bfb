import { request } from "node:http";
import { connect } from "node:net";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests know what they asked for
  body: any;
}

/** Asks a server over HTTP with the path as it is: fetch would tidy it up, and choose the header Host itself. */
export function asking({ url, token }: { url: string; token: string }) {
  return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url);
      const asked = request(
        { hostname, port, method, path: `/${path}`, headers: { authorization: `token ${token}`, ...headers } },
        async (response) => {
          let text = "";
          response.setEncoding("utf8");
          for await (const piece of response) text += piece;
          const isJson = response.headers["content-type"]?.startsWith("application/json");
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            body: isJson && text !== "" ? JSON.parse(text) : {},
          });
        },
      );
      asked.once("error", reject);
      asked.write((typeof body === "string" ? body : body && JSON.stringify(body)) ?? "");
      // Of a body that is announced longer than it is, the rest is still to come.
      if (!headers["content-length"]) asked.end();
    });
}

/** Sends bytes as they are, and gives what comes back until the server ends the connection or is silent. */
export function sendRaw(url: string, data: string | Uint8Array, silence = 20_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(data));
    let text = "";
    socket.setTimeout(silence, () => socket.destroy());
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNRESET" ? resolve(text) : reject(error)));
    socket.on("close", () => resolve(text));
  });
}
