import { serve, warmUp } from "./serve.ts";
import { NotebookLanguage } from "./service.ts";

// The entry point of the language process, where there is no start-up snapshot.

const language = new NotebookLanguage();
serve(language);
warmUp(language);
