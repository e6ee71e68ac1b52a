/** Stands in for the parts of a browser that the scripts without elements use. */

/** A clock that stands still until somebody waits. */
export function fakeClock() {
  let now = 0;
  let last = 0;
  const timers = new Map();
  return {
    performance: { now: () => now },
    setTimeout: (call, delay) => {
      timers.set((last += 1), { call, at: now + delay });
      return last;
    },
    clearTimeout: (id) => timers.delete(id),
    wait: (milliseconds) => {
      const end = now + milliseconds;
      for (;;) {
        const [next] = [...timers].sort(([, one], [, other]) => one.at - other.at);
        if (!next || next[1].at > end) break;
        timers.delete(next[0]);
        now = next[1].at;
        next[1].call();
      }
      now = end;
    },
  };
}

/** Put other values in the place of global ones, until a test ends. */
export function replaceGlobals(t, values) {
  for (const [name, value] of Object.entries(values)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    t.after(() => {
      if (before) Object.defineProperty(globalThis, name, before);
      else delete globalThis[name];
    });
  }
}
