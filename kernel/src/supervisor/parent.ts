/** How often the parent is looked for, in milliseconds. */
const interval = 1000;

/** Read before anything else is done: a parent that is killed while we start would not be missed later. */
const parent = process.ppid;

/** Calls back when the process that started this one is gone, so that no kernel is left behind. */
export function whenParentLeaves(leave: () => void): void {
  // Started by the system's first process, as a service or in a container: it does not leave before us.
  if (parent === 1) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    leave();
  }, interval);
  timer.unref();
}
