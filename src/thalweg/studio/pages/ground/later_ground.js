// The modules of the place Ground, which are loaded when it is opened for the first time.

import { laterModules } from "../shell/later_modules.js";

/** What the state of the page has of the ground. */
export const NO_GROUND = { ground: null, groundError: null, groundBusy: "", point: null, here: null, hereError: null,
  groundTakes: { busy: false, words: "" }, groundRecipe: null };

/**
 * @param {object} page as for `groundActs`
 * @param {() => void} ready is called when the modules are there, or could not be loaded
 */
export function laterGround(page, ready) {
  const modules = laterModules("Ground", async () => {
    const [{ groundActs }, { makeGroundPlace }] = await Promise.all(
      [import("./ground_acts.js"), import("./ground_place.js")]);
    return { acts: groundActs(page), makeGroundPlace };
  }, ready);
  const acts = () => modules.there()?.acts;

  return {
    load: modules.load,
    makeWait: modules.makeWait,
    isThere: () => modules.there() !== null,
    make: (root) => modules.there().makeGroundPlace(root, acts()),
    ask: () => acts()?.ask(),
    heard: (head) => acts()?.heard(head),
  };
}
