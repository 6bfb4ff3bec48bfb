import { createRequire } from "node:module";
import type { KernelInfoReply } from "../protocol/messages.ts";
import { protocolVersion } from "../wire/message.ts";

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** What the kernel says about itself. */
export function kernelInfo(): KernelInfoReply {
  return {
    status: "ok",
    protocol_version: protocolVersion,
    implementation: "gradbook",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: "5.0",
      mimetype: "text/x-typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", mode: "typescript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `Gradbook ${version}: TypeScript on Node.js ${process.version}`,
    help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
    supported_features: ["iopub_welcome", "kernel subshells", "debugger"],
    // How clients asked before there were features.
    debugger: true,
  };
}
