/** Calls back for each element when it comes near to what the reader sees, one time. */
export function whenSeen<Shown extends Element>(elements: Iterable<Shown>, show: (element: Shown) => unknown): void {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        void show(target as Shown);
      }
    },
    { rootMargin: "1000px" },
  );
  for (const element of elements) observer.observe(element);
}
