// The view in the link: place, table, step and so on behind the #, for reload, back and sharing.

import { keepLink, linkOf, readLink, valuesNotAllowed } from "/draw/learn/link_state.js";
import { LESSON_KEYS, NO_LESSON } from "../lessons/lesson_link.js";
import { choicesFrom } from "./choices.js";

export const PLACES = ["table", "train", "inside", "ground", "decide"];

// How the plane of a ground is laid.
const LAID = ["auto", "start-to-end", "through-start", "scaled", "centred", "ends", "three-points", "random"];
const MOST_WHOLE = 1e9;
const LONGEST_NAME = 2000;
const TABLE = /^(open|sample:[a-z0-9_]{1,40}|[0-9a-f]{64})$/;
const RUNS = /^[0-9a-f]{1,64}(,[0-9a-f]{1,64}){0,31}$/;
const own = (read) => ({ kind: "own", usual: null, read });
const fitting = (pattern) => own((text) => (pattern.test(text) ? text : undefined));
const whole = { kind: "whole", usual: null, to: MOST_WHOLE };

/**
 * The keys of the link. `y` is the target of the model `m`, if it has several. `look`, `cam` (azimuth, elevation, zoom), `pl` and `h` are of the ground.
 * @type {Record<string, import("/draw/learn/link_state.js").Key>}
 */
export const KEYS = {
  v: { kind: "whole", usual: 1, from: 1, to: 1 },
  p: { kind: "one", usual: "table", of: PLACES },
  d: fitting(TABLE),
  m: fitting(/^[0-9a-f]{64}$/),
  y: own((text) => (text.length <= LONGEST_NAME ? text : undefined)),
  from: { kind: "whole", usual: 0, to: MOST_WHOLE },
  c: own(choicesFrom),
  r: fitting(RUNS),
  f: fitting(/^[0-9a-f]{1,64}$/),
  t: { ...whole, usual: 0 },
  row: whole,
  unit: whole,
  input: whole,
  stop: { kind: "whole", usual: null, from: 1, to: 40 }, // of 8 hidden layers, and fewer
  h: { kind: "one", usual: "linear", of: ["linear", "log"] },
  look: { kind: "one", usual: "block", of: ["block", "map"] },
  cam: fitting(/^-?\d{1,3},\d{1,2},\d{1,2}(\.\d{1,2})?$/),
  pl: { kind: "one", usual: "auto", of: LAID },
  thr: { kind: "number", usual: null, from: 0, to: 1 },
  ...LESSON_KEYS,
};

/** The state of a page whose link says nothing. */
export const usualView = () => readLink(KEYS, "").state;

/**
 * Keep the link and the state of a store equal.
 * @param {import("./state.js").Store} store it has the keys of the link
 * @param {(text: string) => void} warn says which values of a link are not used
 * @returns {{drag: (patch: Record<string, any>) => void, go: (patch: Record<string, any>) => void,
 *   link: (patch?: Record<string, any>) => string, destroy: () => void}}
 *   `drag` changes the view in its place in the history, `go` makes a step in it
 */
export function followLink(store, warn) {
  let others = [];
  // Whoever goes to a place leaves the lesson.
  const leaving = (patch) => ("p" in patch ? { ...NO_LESSON, ...patch } : patch);
  const link = (patch = {}) => linkOf(KEYS, { ...store.get(), ...leaving(patch) }, others);

  function read() {
    const found = readLink(KEYS, location.hash);
    others = found.others;
    store.set(found.state);
    if (found.wrong.length) warn(valuesNotAllowed(found.wrong));
  }

  function go(patch) {
    const before = link();
    store.set(leaving(patch));
    if (link() !== before) push(link());
  }

  function drag(patch) {
    store.set(patch);
    keepLink(link());
  }

  read();
  addEventListener("popstate", read);
  return { drag, go, link, destroy: () => removeEventListener("popstate", read) };
}

function push(link) {
  try {
    history.pushState(null, "", link || location.pathname);
  } catch {
    keepLink(link); // a browser allows so many steps in a while
  }
}
