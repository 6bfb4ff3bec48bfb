import postcss from "postcss";

/** Whether no part of a style names anything that would have to be loaded. */
export function loadsNothing(style: string): boolean {
  const named = style.matchAll(/(url|image-set|image|src)\s*\(\s*["']?\s*([^"')\s]*)/gi);
  return [...named].every(([, , address]) => /^(data:|#)/i.test(address!)) && !style.includes("\\");
}

/**
 * Style sheets as an element that reaches no further than the element around it, whatever the sheets hold; nothing when
 * they are empty or cannot be read.
 */
export function confinedStyles(sheets: string): string {
  if (sheets.trim() === "") return "";
  let sheet: postcss.Root;
  try {
    sheet = postcss.parse(sheets, { map: false });
  } catch {
    return "";
  }
  sheet.walkAtRules((rule) => {
    if (!/^(media|supports|container|layer|keyframes|-webkit-keyframes)$/i.test(rule.name)) rule.remove();
  });
  sheet.walkDecls((declaration) => {
    if (!loadsNothing(declaration.value)) declaration.remove();
  });
  sheet.walkComments((comment) => {
    comment.remove();
  });
  // Written from what was parsed, the rules are balanced: none can end the scope.
  const rules = sheet.toString().replaceAll("<", "\\3c ");
  return rules.trim() === "" ? "" : `<style>@scope {\n${rules}\n}</style>`;
}
