import { pathToFileURL } from "node:url";
import { ownVersion } from "../version.ts";

/** What the page is told of itself. */
export interface PageParts {
  /** The folder that the file browser shows. */
  readonly root: string;
  readonly scripts: readonly string[];
  /** Its arrangement's name. */
  readonly workspace: string;
  /** The document with which it opens; empty for none. */
  readonly treePath: string;
  /** Whether scripts of tests may reach the application. */
  readonly exposed: boolean;
}

/** Plugins that are of no use here: one asks for news on the network, and one shows a logo where ours is. */
const disabledExtensions = ["@jupyterlab/apputils-extension:announcements", "@jupyterlab/application-extension:logo"];

/** The HTML of the page: its configuration, and the scripts that do the rest. */
export function pageHtml({ root, scripts, workspace, treePath, exposed }: PageParts): string {
  const urls = Object.entries({
    app: "/lab",
    static: "/static/lab",
    themes: "/lab/api/themes",
    settings: "/lab/api/settings",
    workspacesApi: "/lab/api/workspaces",
    translationsApi: "/lab/api/translations",
    listings: "/lab/api/listings",
    licenses: "/lab/api/licenses",
    labextensions: "/lab/extensions",
    tree: "/lab/tree",
  }).flatMap(([name, url]) => [
    [`${name}Url`, url],
    [`full${name[0]!.toUpperCase()}${name.slice(1)}Url`, url],
  ]);
  const config = {
    ...Object.fromEntries(urls),
    appName: "Gradbook",
    appNamespace: "gradbook",
    appVersion: ownVersion(),
    baseUrl: "/",
    wsUrl: "",
    token: "",
    frontendUrl: "/lab/",
    mode: "multiple-document",
    workspace,
    treePath,
    preferredPath: "/",
    rootUri: pathToFileURL(root).href,
    serverRoot: root,
    federated_extensions: [],
    disabledExtensions,
    deferredExtensions: [],
    terminalsAvailable: false,
    buildAvailable: false,
    buildCheck: false,
    quitButton: false,
    devMode: "false",
    exposeAppInBrowser: String(exposed),
    cacheFiles: false,
  };
  const json = JSON.stringify(config).replaceAll("<", "\\u003c");
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Gradbook</title>
    <link rel="icon" type="image/svg+xml" href="/favicon.svg">
    <style>
      body { background: #fff; }
      @media (prefers-color-scheme: dark) { body { background: #111; } }
    </style>
    <script id="jupyter-config-data" type="application/json">${json}</script>
${scripts.map((script) => `    <script defer src="/static/lab/${script}"></script>\n`).join("")}  </head>
  <body></body>
</html>
`;
}
