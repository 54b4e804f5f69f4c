// The modules of the place Ground, which are loaded when it is opened for the first time.

import { html } from "/draw/dom.js";
import { errorBox } from "../table/error_box.js";

const WAIT = 3000; // milliseconds until it is tried again

/** What the state of the page has of the ground. */
export const NO_GROUND = { ground: null, groundError: null, groundBusy: "", point: null, here: null, hereError: null };

/**
 * @param {object} page as for `groundActs`
 * @param {() => void} ready is called when the modules are there, or could not be loaded
 */
export function laterGround(page, ready) {
  let [parts, acts, why, asked, tried] = [null, null, null, false, -Infinity];

  async function load({ connection }) {
    // What could not be loaded is tried again when the server answers, and not at every change.
    if (asked || (why && (connection.state !== "open" || performance.now() - tried < WAIT))) return;
    [asked, tried] = [true, performance.now()];
    try {
      const [{ groundActs }, { makeGroundPlace }] = await Promise.all(
        [import("./ground_acts.js"), import("./ground_place.js")]);
      acts = groundActs(page);
      parts = { makeGroundPlace };
    } catch (fault) {
      asked = false;
      why = { code: "lost", what: "The scripts of this place could not be loaded", where: "", why: fault.message,
        fix: "look whether the studio still runs, and reload this page" };
    }
    ready();
  }

  return {
    load,
    isThere: () => parts !== null,
    make: (root) => parts.makeGroundPlace(root, acts),
    /** What stands there meanwhile. */
    makeWait(root) {
      let told; // not null: the first update writes
      return { update() {
        if (told === why) return;
        told = why;
        root.replaceChildren(why ? errorBox(why) : html("p", { class: "soft loading" }, "Ground is loaded."));
      }, destroy: () => root.replaceChildren() };
    },
    ask: () => acts?.ask(),
    heard: (head) => acts?.heard(head),
  };
}
