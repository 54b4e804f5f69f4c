// The modules of a place that are loaded when it is opened for the first time.

import { html } from "/draw/dom.js";
import { errorBox } from "../table/error_box.js";

const WAIT = 3000; // milliseconds until it is tried again

/**
 * @template T
 * @param {string} title of the place
 * @param {() => Promise<T>} asked imports the modules, and makes of them what the place needs
 * @param {() => void} ready is called when the modules are there, or could not be loaded
 */
export function laterModules(title, asked, ready) {
  /** @type {T|null} */
  let there = null;
  let [why, asks, tried] = [null, false, -Infinity];

  return {
    async load({ connection }) {
      // What could not be loaded is tried again when the server answers, and not at every change.
      if (asks || (why && (connection.state !== "open" || performance.now() - tried < WAIT))) return;
      [asks, tried] = [true, performance.now()];
      try {
        there = await asked();
      } catch (fault) {
        asks = false;
        why = { code: "lost", what: "The scripts of this place could not be loaded", where: "", why: fault.message,
          fix: "look whether the studio still runs, and reload this page" };
      }
      ready();
    },
    there: () => there,
    /** What stands there meanwhile. */
    makeWait(root) {
      let told; // not null: the first update writes
      return { update() {
        if (told === why) return;
        told = why;
        root.replaceChildren(why ? errorBox(why) : html("p", { class: "soft loading" }, `${title} is loaded.`));
      }, destroy: () => root.replaceChildren() };
    },
  };
}
