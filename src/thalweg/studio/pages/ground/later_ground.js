// The modules of the place Ground, which are loaded when it is opened for the first time.

import { html } from "/draw/dom.js";
import { errorBox } from "../table/error_box.js";

/** What the state of the page has of the ground. */
export const NO_GROUND = { ground: null, groundError: null, groundBusy: "", point: null, here: null, hereError: null };

/**
 * @param {object} page as for `groundActs`
 * @param {() => void} ready is called when the modules are there, or could not be loaded
 */
export function laterGround(page, ready) {
  let [parts, acts, why, asked] = [null, null, null, false];

  async function load() {
    if (asked) return;
    [asked, why] = [true, null];
    try {
      const [{ groundActs }, { makeGroundPlace }] = await Promise.all(
        [import("./ground_acts.js"), import("./ground_place.js")]);
      acts = groundActs(page);
      parts = { makeGroundPlace };
    } catch (fault) {
      asked = false; // it can be tried again
      why = { code: "lost", what: "The scripts of this place could not be loaded", where: "", why: fault.message,
        fix: "look whether the studio still runs, and open this place again" };
    }
    ready();
  }

  return {
    load,
    isThere: () => parts !== null,
    make: (root) => parts.makeGroundPlace(root, acts),
    /** What stands there meanwhile. */
    makeWait(root) {
      root.replaceChildren(why ? errorBox(why) : html("p", { class: "soft loading" }, "Ground is loaded."));
      return { update() {}, destroy: () => root.replaceChildren() };
    },
    ask: () => acts?.ask(),
    heard: (head) => acts?.heard(head),
  };
}
