/** Where a browser reports what a policy has kept from happening. */
export const REPORTS = "/api/security/csp-report";

/** What answers may do in a browser that are no pages: nothing, and only our pages may show them. */
export const SILENT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/** What a document of the user's may do: run its scripts in an origin of its own, which cannot act as the user. */
export const SANDBOXED = "frame-ancestors 'self'; sandbox allow-scripts";

const LAST_NAMED = 20;

/**
 * What the browser reports has been kept from a page, in words for whoever has started the server: each origin once, as
 * a notebook that loads something from it asks again and again.
 */
export class BlockedOrigins {
  readonly #named = new Set<string>();

  /** Takes a report as browsers send it. @returns what to tell; nothing where that has been told. */
  note(report: unknown): string | undefined {
    const { "blocked-uri": uri, "effective-directive": directive } = Object(Object(report)["csp-report"]);
    if (typeof uri !== "string" || !/^https?:/.test(uri) || !URL.canParse(uri)) return undefined;
    const { origin } = new URL(uri);
    if (this.#named.has(origin) || this.#named.size === LAST_NAMED) return undefined;
    this.#named.add(origin);
    const what = String(directive).startsWith("script") ? "a script" : "something";
    return `The page was kept from loading ${what} from ${origin}. If you know what asks for it: gradbook lab --allow ${origin}`;
  }
}
