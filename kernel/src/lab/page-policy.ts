import { InvalidArgumentError } from "commander";
import { REPORTS } from "../server/content-policy.ts";

/**
 * The Content-Security-Policy of the page. Scripts, styles, fonts and connections come from this server alone, unless
 * origins are allowed besides. Within that, what JupyterLab does sets the limit:
 *
 * - `'unsafe-eval'`: it compiles the schemas of its settings, and Vega its charts; outputs of JavaScript are run so.
 * - `'unsafe-inline'`: scripts and styles in the HTML of trusted outputs, and the styles that it makes itself.
 * - `blob:`: the modules of widgets (anywidget), plotly's workers, and documents that are shown in a frame.
 * - Pictures, films, sound and frames from anywhere: prose and outputs point to them.
 *
 * @param host as the browser names this server
 * @param allowed origins of which scripts, styles, fonts and connections are allowed, too
 */
export function pagePolicy(host: string, allowed: readonly string[] = []): string {
  const more = allowed.map((origin) => ` ${origin}`).join("");
  const directives = {
    "default-src": `'self'${more}`,
    "script-src": `'self' 'unsafe-inline' 'unsafe-eval' blob:${more}`,
    "worker-src": "'self' blob:",
    "style-src": `'self' 'unsafe-inline' data:${more}`,
    "font-src": `'self' data:${more}`,
    // Not all browsers hold WebSockets of this server to be of 'self'.
    "connect-src": `'self' ws://${host} data: blob:${more}`,
    "img-src": "'self' data: blob: https: http:",
    "media-src": "'self' data: blob: https: http:",
    "frame-src": "'self' data: blob: https: http:",
    // A PDF is shown as an object.
    "object-src": "'self' blob:",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "report-uri": REPORTS,
  };
  return Object.entries(directives)
    .map((directive) => directive.join(" "))
    .join("; ");
}

/** An origin of the command line, added to those before it. */
export function allowedOrigin(text: string, before: readonly string[] = []): string[] {
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  if (!/^https?:\/\/[\w.:[\]-]+$/.test(origin))
    throw new InvalidArgumentError("An origin is needed, such as https://esm.sh.");
  return [...before, origin];
}
