// The link of a landscape page: which picture, from where, at which step, of which seed and plane.

import { linkOf, readLink } from "../learn/link_state.js";

/**
 * @param {object} data the page's data
 * @param {number[]} looks of its runs
 * @returns {{read: (hash: string) => object, write: (state: object, others: object) => string}}
 */
export function viewLink(data, looks) {
  const keys = {
    p: { kind: "whole", usual: data.first, to: data.sheets.length - 1 },
    v: { kind: "one", usual: data.flat ? "map" : "block", of: ["block", "map"] },
    h: { kind: "one", usual: "linear", of: ["linear", "log"] },
    t: { kind: "whole", usual: null },
    az: { kind: "number", usual: null, from: -180, to: 180 },
    el: { kind: "number", usual: null, from: 8, to: 88 },
    zoom: { kind: "number", usual: 1, from: 0.5, to: 6 },
    r: { kind: "bits", usual: "1".repeat(looks.length), length: looks.length },
    laid: { kind: "bits", usual: "0", length: 1 },
    f: { kind: "whole", usual: data.focus, to: 999 },
    // Of the page, not of the view: they say of which picture the link is.
    seed: { kind: "whole", usual: null },
    plane: { kind: "words", usual: null },
  };
  const own = { seed: data.seed ?? null, plane: data.plane ? [data.plane] : null };
  return {
    read: (hash) => {
      const found = readLink(keys, hash);
      const other = ["seed", "plane"].filter((name) => found.state[name] !== null
        && own[name] !== null && String(found.state[name]) !== String(own[name]));
      return { ...found, other: other.map((name) => `${name} ${found.state[name]}`) };
    },
    write: (state, others) => linkOf(keys, { ...state, ...own }, others),
  };
}
