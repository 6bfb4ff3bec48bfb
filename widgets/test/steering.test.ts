import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Steering } from "../src/steering.ts";

const cellSymbol = Symbol.for("Jupyter.cell");
const signalSymbol = Symbol.for("Jupyter.signal");
const controlSymbol = Symbol.for("gradbook.control");
const globals = globalThis as unknown as Record<symbol, unknown>;

/** A cell that runs, as a kernel offers it. */
let cell: { finished: boolean; interrupted: boolean };
let interrupt: AbortController;

beforeEach(() => {
  cell = { finished: false, interrupted: false };
  interrupt = new AbortController();
  globals[cellSymbol] = cell;
  globals[signalSymbol] = interrupt.signal;
});
afterEach(() => {
  delete globals[cellSymbol];
  delete globals[signalSymbol];
});

class Control {
  ended = false;
  waiting = false;
  readonly calls: string[] = [];
  pause = () => this.calls.push("pause");
  resume = () => this.calls.push("resume");
  stop = () => this.calls.push("stop");
}

const stepOf = (control: Control) => Object.defineProperty({ step: 1, loss: 1 }, controlSymbol, { value: control });
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("trainings that their steps carry the control of", () => {
  test("are paused, resumed and stopped, all that are still going", () => {
    const steering = new Steering();
    const [a, b, over] = [new Control(), new Control(), new Control()];
    for (const control of [a, b, over]) steering.notice(stepOf(control));
    over.ended = true;
    expect(steering.state).toEqual({ state: "running", canPause: true, canStop: true });
    steering.pause();
    expect(steering.state.state).toBe("paused");
    steering.resume();
    expect(steering.state.state).toBe("running");
    steering.stop();
    expect(steering.state).toEqual({ state: "stopped", canPause: false, canStop: false });
    expect(a.calls).toEqual(b.calls);
    expect(a.calls.filter((call, at) => call !== a.calls[at - 1])).toEqual(["pause", "resume", "stop"]);
    expect(over.calls).toEqual([]);
  });

  test("that begin while another is paused are paused, too", () => {
    const steering = new Steering();
    steering.notice(stepOf(new Control()));
    steering.pause();
    const second = new Control();
    steering.notice(stepOf(second));
    expect(second.calls).toEqual(["pause"]);
  });

  test("are over when they say so or their cell was interrupted; the next one begins unpaused", () => {
    const steering = new Steering();
    const control = new Control();
    steering.notice(stepOf(control));
    steering.pause();
    cell.interrupted = true;
    expect(steering.state.state).toBe("idle");
    globals[cellSymbol] = { finished: false, interrupted: false };
    const next = new Control();
    steering.notice(stepOf(next));
    expect(steering.state.state).toBe("running");
    expect(next.calls).not.toContain("pause");
    next.ended = true;
    expect(steering.state.state).toBe("idle");
  });
});

describe("trainings that were left without a word, whose cell has finished", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("are forgotten when no step comes for a while", () => {
    const steering = new Steering();
    steering.notice(stepOf(new Control()));
    vi.advanceTimersByTime(60_000);
    expect(steering.state.state).toBe("running");
    cell.finished = true;
    expect(steering.state).toEqual({ state: "idle", canPause: false, canStop: false });
  });

  test("go on as long as steps come, or as they wait to be resumed", () => {
    const steering = new Steering();
    const control = new Control();
    for (let step = 0; step < 10; step++) {
      steering.notice(stepOf(control));
      cell.finished = true;
      vi.advanceTimersByTime(2000);
      expect(steering.state.state).toBe("running");
    }
    steering.pause();
    control.waiting = true;
    vi.advanceTimersByTime(600_000);
    expect(steering.state.state).toBe("paused");
    expect(control.calls).not.toContain("resume");
  });

  test("do not hold up the next one by a pause that they never heeded", () => {
    const steering = new Steering();
    steering.notice(stepOf(new Control()));
    steering.pause();
    cell.finished = true;
    vi.advanceTimersByTime(60_000);
    globals[cellSymbol] = { finished: false, interrupted: false };
    const next = new Control();
    steering.notice(stepOf(next));
    expect(next.calls).not.toContain("pause");
    expect(steering.state.state).toBe("running");
  });
});

describe("loops written by hand", () => {
  test("that never look go on after a stop, and can still be paused", async () => {
    const steering = new Steering();
    steering.notice(stepOf(new Control()));
    globals[cellSymbol] = { finished: false, interrupted: false };
    let steps = 0;
    let over = false;
    const loop = (async () => {
      for (; !over; steps++) await steering.gate;
    })();
    await turn();
    steering.stop();
    expect(steering.state).toEqual({ state: "running", canPause: true, canStop: false });
    steering.pause();
    await turn();
    const held = steps;
    await turn();
    expect(steps).toBe(held);
    steering.resume();
    over = true;
    await loop;
    (globals[cellSymbol] as { finished: boolean }).finished = true;
    expect(steering.state.state).toBe("stopped");
  });

  test("can be paused only where they await, and stopped only where they look", async () => {
    const steering = new Steering();
    expect(steering.state).toEqual({ state: "idle", canPause: false, canStop: false });
    await steering.gate;
    expect(steering.state).toEqual({ state: "running", canPause: true, canStop: false });
    expect(steering.stopped).toBe(false);
    expect(steering.state.canStop).toBe(true);
  });

  test("wait while they are paused, and go on", async () => {
    const steering = new Steering();
    let steps = 0;
    const loop = (async () => {
      for (; !steering.stopped; steps++) await steering.gate;
    })();
    await turn();
    steering.pause();
    await turn();
    const held = steps;
    await turn();
    expect(steps).toBe(held);
    expect(steering.state.state).toBe("paused");
    steering.resume();
    await turn();
    expect(steps).toBeGreaterThan(held);
    steering.stop();
    await loop;
    expect(steering.state.state).toBe("stopped");
  });

  test("are ended by an interrupt while they are paused", async () => {
    const steering = new Steering();
    await steering.gate;
    steering.pause();
    const waiting = Promise.resolve(steering.gate);
    await turn();
    interrupt.abort(new Error("interrupted"));
    await expect(waiting).rejects.toThrow("interrupted");
    cell.finished = true;
    expect(steering.state.state).toBe("idle");
  });

  test("are stopped in the cell in which stop was pressed, not in the next one", async () => {
    const steering = new Steering();
    await steering.gate;
    expect(steering.stopped).toBe(false);
    steering.stop();
    expect(steering.stopped).toBe(true);
    globals[cellSymbol] = { finished: false, interrupted: false };
    expect(steering.stopped).toBe(false);
    await steering.gate;
    expect(steering.state).toMatchObject({ state: "running", canStop: true });
  });

  test("let the event loop turn, so that the page comes through", async () => {
    const steering = new Steering();
    let turned = false;
    setTimeout(() => {
      turned = true;
    }, 1);
    while (!turned) await steering.gate;
    expect(turned).toBe(true);
  });

  test("that do not await leave the signal unread: an interrupt need not wait for them", async () => {
    let read = 0;
    Object.defineProperty(globals, signalSymbol, { get: () => read++ && undefined, configurable: true });
    const steering = new Steering();
    for (let step = 0; step < 10; step++) await steering.gate;
    expect(read).toBe(0);
  });
});
