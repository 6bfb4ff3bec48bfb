// Downloads a file in a process of its own: downloading.mjs PLACE URL DIGEST prints its path.
import { data } from "../../dist/index.js";

const [place, url, digest] = process.argv.slice(2);
console.log(await data.download({ place, urls: [url], digest }));
