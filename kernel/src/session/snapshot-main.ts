import { startupSnapshot } from "node:v8";
import { serve, warmUp } from "./serve.ts";
import { NotebookLanguage } from "./service.ts";

// The entry point of the language process in a start-up snapshot: everything up to here is done when it is built.

const language = new NotebookLanguage("/");
warmUp(language);
startupSnapshot.setDeserializeMainFunction(() => {
  // Makes Node forget the folder that the snapshot was built in.
  process.chdir(".");
  language.moveTo(process.cwd());
  serve(language);
});
