import { isLight, onTheme } from "./theme.ts";

/** Frames with scripts of the notebook tell how high they are, and are told the theme. */
export function fitFrames(): void {
  const frames = [...document.querySelectorAll<HTMLIFrameElement>("iframe.nb-frame")];
  if (frames.length === 0) return;
  const tell = (frame: HTMLIFrameElement) => frame.contentWindow?.postMessage({ isLight: isLight() }, "*");
  addEventListener("message", ({ source, data }) => {
    const frame = frames.find(({ contentWindow }) => contentWindow === source);
    const height = Number((data as { height?: unknown } | null)?.height);
    if (!frame || !(height >= 0)) return;
    frame.style.height = `${Math.min(height, 20_000)}px`;
  });
  for (const frame of frames) {
    frame.addEventListener("load", () => tell(frame));
    tell(frame);
  }
  onTheme(() => frames.forEach(tell));
}
