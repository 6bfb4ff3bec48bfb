import { PageConfig } from "@jupyterlab/coreutils";

// Before any other module: from where the further parts of the bundle are loaded.
declare global {
  var __webpack_public_path__: string;
}
__webpack_public_path__ = `${PageConfig.getOption("fullStaticUrl")}/`;
