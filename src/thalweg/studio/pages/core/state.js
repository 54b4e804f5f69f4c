// The state of the page: one frozen object, and who follows its changes.

/**
 * @typedef {object} Store
 * @property {() => Readonly<Record<string, any>>} get
 * @property {(patch: Record<string, any>) => Set<string>} set gives the keys that have changed
 * @property {(listener: Listener) => () => void} follow gives the function that ends it
 */

/**
 * @callback Listener
 * @param {Readonly<Record<string, any>>} state
 * @param {Set<string>} changed
 * @returns {void}
 */

/**
 * A store. What a listener sets while others are told is told after that, so that all of them see
 * the same states in the same order.
 * @param {Record<string, any>} initial it has all keys
 * @returns {Store}
 */
export function makeStore(initial) {
  let state = Object.freeze({ ...initial });
  const listeners = new Set();
  const waiting = [];
  let tells = false;

  function set(patch) {
    const unknown = Object.keys(patch).filter((key) => !Object.hasOwn(state, key));
    if (unknown.length) throw new Error(`The state has no ${unknown.join(", ")}`);
    const changed = new Set(Object.keys(patch).filter((key) => !Object.is(patch[key], state[key])));
    if (!changed.size) return changed;
    state = Object.freeze({ ...state, ...patch });
    waiting.push([state, changed]);
    if (!tells) tellAll();
    return changed;
  }

  function tellAll() {
    tells = true;
    try {
      while (waiting.length) {
        const [now, changed] = waiting.shift();
        for (const listener of [...listeners]) listener(now, changed);
      }
    } finally {
      tells = false;
      waiting.length = 0;
    }
  }

  return {
    get: () => state,
    set,
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
