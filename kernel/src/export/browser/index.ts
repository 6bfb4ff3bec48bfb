import { followContents } from "./contents.ts";
import { showFigures } from "./figures.ts";
import { fitFrames } from "./frames.ts";
import { followTheme } from "./theme.ts";
import { showViews } from "./views.ts";

followTheme();
followContents();
fitFrames();
showFigures();
showViews();
