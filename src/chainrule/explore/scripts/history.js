/**
 * What can be undone: changes of the network, not of what a reader looks at.
 *
 * @typedef {import("#app").State} State
 */
const SAME_GESTURE = 600; // milliseconds: changes of the same thing within are undone at once

/**
 * What can be undone, and what a change of it is about; null is a gesture of its own.
 * @type {Record<string, (before: State, changes: Partial<State>) => string | null>}
 */
const UNDOABLE = {
  scales: (before, changes) => unitsChanged(before.scales, changes.scales ?? {}).join(),
  rate: () => "rate",
  steps: () => null,
};

export class History {
  /** @type {{about: string | null, time: number, before: Partial<State>}[]} */
  #past = [];
  /** @type {Partial<State>[]} */
  #future = [];

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /**
   * Keep what a change takes away.
   * @param {State} state before it
   * @param {Partial<State>} changes
   * @param {(keyof State)[]} keys of those that differ
   */
  remember(state, changes, keys) {
    const undone = keys.filter((key) => key in UNDOABLE);
    if (!undone.length) return;
    const parts = undone.map((key) => UNDOABLE[key](state, changes));
    const about = parts.includes(null) ? null : parts.join();
    const time = performance.now();
    const last = this.#past.at(-1);
    this.#future = [];
    if (last && about !== null && last.about === about && time - last.time < SAME_GESTURE) {
      last.time = time;
      return;
    }
    this.#past.push({ about, time, before: partOf(state, undone) });
  }

  /**
   * The changes that take the last one back; null where there is none.
   * @param {State} state
   * @returns {Partial<State> | null}
   */
  undo(state) {
    const last = this.#past.pop();
    if (!last) return null;
    this.#future.push(partOf(state, Object.keys(last.before)));
    return last.before;
  }

  /**
   * The changes that were taken back last; null where there are none.
   * @param {State} state
   * @returns {Partial<State> | null}
   */
  redo(state) {
    const next = this.#future.pop();
    if (!next) return null;
    this.#past.push({ about: null, time: 0, before: partOf(state, Object.keys(next)) });
    return next;
  }

  /** Steps on another input cannot be taken back. */
  forgetSteps() {
    this.#past = this.#past.filter(({ before }) => !("steps" in before));
    this.#future = this.#future.filter((after) => !("steps" in after));
  }
}

/**
 * @param {State} state
 * @param {string[]} keys
 * @returns {Partial<State>}
 */
function partOf(state, keys) {
  return Object.fromEntries(keys.map((key) => [key, state[/** @type {keyof State} */ (key)]]));
}

/**
 * @param {Record<string, number>} before
 * @param {Record<string, number>} after
 */
function unitsChanged(before, after) {
  const units = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...units].filter((unit) => before[unit] !== after[unit]).sort();
}
