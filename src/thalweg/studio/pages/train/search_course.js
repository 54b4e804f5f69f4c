// The trials of a search: of one that runs, as they come; of one that has ended, with what it was worth.

import { html } from "/draw/dom.js";
import { built } from "../decide/pieces.js";

const SHOWN = ["worth", "course"]; // sections of a search; the others are in Decide

/**
 * @param {HTMLElement} root
 * @returns {{update: (state: object) => void}}
 */
export function makeSearchCourse(root) {
  let shown = null;

  return {
    update({ fits, d, c, beside }) {
      const course = fits.find((each) => each.table === d && each.course)?.course ?? null;
      const found = beside?.table === d && beside.c === c ? beside.search : null;
      const now = course ?? found;
      root.hidden = !now;
      if (now === shown) return;
      shown = now;
      if (!now) root.replaceChildren();
      else if (course) {
        root.replaceChildren(html("div", { class: "search running" }, html("h2", {}, "The trials of the search so far"),
          html("p", { class: "soft" }, "A mark is a trial, the line is the lowest loss so far, and the dashed line is the "
            + "default. These losses are of the training rows that choose the trials, so the lowest is too good."),
          ...built(course)));
      } else root.replaceChildren(html("div", { class: "search" }, ...built(sectionsOf(found))));
    },
  };
}

/** Of a page's search the two sections; a larger search has only its picture. */
function sectionsOf(pieces) {
  const whole = pieces.find((each) => each[1]?.class === "search");
  return whole ? whole[2].filter((each) => SHOWN.includes(each[1]?.id)) : pieces;
}
