// The link of a report: its threshold and its made-up row; and what makes the page again.

import { byId, html } from "./dom.js";
import { copyButtons, copyText, keepLink, linkOf, readLink } from "./learn/link_state.js";

/**
 * Keep the state of the page in its link, and let a reader copy link, command and Python.
 * @param {{command?: string, python?: string}} recipes
 * @param {?{set: function(?number): void, watch: function(function(?number): void): void}}
 *   threshold of the slider; null on a page without one
 * @param {?{set: function(object): void, watch: function(function(object): void): void,
 *   read: function(string): (string|undefined)}} panel the cells of the made-up row, by column
 */
export function reportLink(recipes, threshold, panel) {
  const keys = {
    ...(threshold && { thr: { kind: "number", usual: null, from: 0, to: 1 } }),
    ...(panel && { row: { kind: "own", usual: null, read: panel.read } }),
  };
  let others = [];
  let state = {};
  const link = () => linkOf(keys, state, others);
  const take = () => {
    const read = readLink(keys, location.hash);
    [state, others] = [read.state, read.others];
    byId("link-said").textContent = read.wrong.length
      ? "The link has a threshold or a cell that this page does not have: it is left out." : "";
    threshold?.set(state.thr);
    panel?.set(state.row === null ? {} : JSON.parse(state.row));
  };
  const keep = (change) => {
    state = { ...state, ...change };
    keepLink(link());
  };
  take();
  threshold?.watch((thr) => keep({ thr }));
  panel?.watch((cells) => keep({ row: Object.keys(cells).length ? JSON.stringify(cells) : null }));
  addEventListener("hashchange", () => {
    if (location.hash !== link()) take();
  });
  const button = html("button", { type: "button", id: "copy-link" }, "Copy link");
  button.addEventListener("click", () => copyText(button, location.href.split("#")[0] + link()));
  byId("copies").append(button);
  copyButtons(byId("copies"), recipes);
}
