/** Marks in the table of contents where the reader is; on narrow screens it is closed at first. */
export function followContents(): void {
  const details = document.querySelector<HTMLDetailsElement>("nav.nb-contents details");
  if (!details) return;
  const wide = matchMedia("(min-width: 75rem)");
  const fit = () => {
    details.open = wide.matches;
  };
  fit();
  wide.addEventListener("change", fit);
  const parts = [...details.querySelectorAll("a")].flatMap((link) => {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    return heading ? [{ link, heading }] : [];
  });
  const mark = () => {
    const above = parts.findLast(({ heading }) => heading.getBoundingClientRect().top < 120);
    for (const { link } of parts) link.classList.toggle("nb-here", link === (above ?? parts[0])?.link);
  };
  mark();
  addEventListener("scroll", mark, { passive: true });
}
