/** Text as HTML shows it, inside elements and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * A value as the text of a `<script type="application/json">`. No `<` is left in it: neither `</script>` nor `<!--` can
 * end or change the element, whatever a notebook holds.
 */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
