import sanitizeHtml from "sanitize-html";
import { activeElements, drawingElements, harmlessAttributes, htmlElements } from "./harmless.ts";
import { confinedStyles, loadsNothing } from "./styles.ts";

/** HTML that only shows something, and whether that is all that the original wanted. */
export interface SanitisedHtml {
  readonly html: string;
  /** Whether the original has scripts, handlers of events or frames. */
  readonly isActive: boolean;
}

/** Gives the data URL of a picture by its address, or nothing where the page cannot hold it. */
export type FindPicture = (address: string) => string | undefined;

/** Media may be held in the page itself, and nowhere else. */
const held = ["data"];

/**
 * Takes out of HTML what runs, loads or sends something. Style sheets stay, confined to the element in which the HTML
 * will stand; pictures that the page cannot hold become links.
 */
export function sanitise(html: string, findPicture: FindPicture): SanitisedHtml {
  let isActive = false;
  const clean = sanitizeHtml(html, {
    allowedTags: [...htmlElements, ...drawingElements, "style"],
    // Styles are taken out and confined below.
    allowVulnerableTags: true,
    allowedAttributes: {
      "*": [...harmlessAttributes],
      a: ["href", "name", "rel"],
      use: ["href", "xlink:href"],
      ...Object.fromEntries(["img", "video", "audio", "source"].map((name) => [name, ["src"]])),
    },
    parseStyleAttributes: false,
    allowedSchemes: ["http", "https", "mailto"],
    allowedSchemesByTag: { img: held, video: held, audio: held, source: held },
    allowedSchemesAppliedToAttributes: ["href", "src", "xlink:href"],
    allowProtocolRelative: false,
    nestingLimit: 250,
    onOpenTag: (name, given) => {
      const runs = ([attribute, value]: [string, string]) =>
        attribute.startsWith("on") || (attribute === "href" && /^\s*javascript:/i.test(value));
      isActive ||= activeElements.has(name) || Object.entries(given).some(runs);
    },
    transformTags: {
      "*": (tagName, attribs) => ({ tagName, attribs: withoutLoadingStyle(attribs) }),
      img: (tagName, attribs) => {
        const { src = "", alt = "" } = attribs;
        const picture = /^data:image\//i.test(src) ? src : findPicture(src);
        if (picture !== undefined) return { tagName, attribs: { ...attribs, src: picture } };
        return { tagName: "a", attribs: { href: src, class: "nb-absent" }, text: alt || src };
      },
      use: (tagName, attribs) => ({
        tagName,
        attribs: Object.fromEntries(
          Object.entries(attribs).filter(([name, value]) => !name.endsWith("href") || value.startsWith("#")),
        ),
      }),
      ...Object.fromEntries(["video", "audio", "source"].map((name) => [name, heldOnly])),
    },
  });
  // What the sanitiser wrote has no other "<style": elsewhere "<" is escaped.
  const sheets: string[] = [];
  const rest = clean.replaceAll(/<style[^>]*>([\s\S]*?)<\/style>/g, (_, sheet: string) => {
    sheets.push(sheet);
    return "";
  });
  return { html: `${confinedStyles(sheets.join("\n"))}${rest}`, isActive };
}

type Attributes = sanitizeHtml.Attributes;

function withoutLoadingStyle(attribs: Attributes): Attributes {
  if (attribs.style === undefined || loadsNothing(attribs.style)) return attribs;
  const { style: _, ...rest } = attribs;
  return rest;
}

function heldOnly(tagName: string, attribs: Attributes): sanitizeHtml.Tag {
  const { src = "", ...rest } = attribs;
  return { tagName, attribs: /^data:/i.test(src) ? { ...rest, src } : rest };
}
