// What the network is at one point of the ground: losses, shares, tables of calls; and a run from there.

import { html } from "/draw/dom.js";
import { short, whole } from "/draw/numbers.js";
import { placeWords } from "./ground_sheet.js";

const percent = (share) => `${short(100 * share)} %`;

/**
 * @param {HTMLElement} root
 * @param {{startHere: () => void, point: () => void, clear: () => void}} acts
 * @returns {{update: (state: object, run: object|null) => void}}
 */
export function makeHerePanel(root, { startHere, point, clear }) {
  const words = html("p", { class: "soft" });
  const box = html("div", { class: "here-box" });
  const look = html("button", { type: "button", id: "look-here", "data-asks": true }, "Look at a point");
  const start = html("button", { type: "button", class: "main", id: "start-from-point", "data-asks": true },
    "Start a run from here");
  const leave = html("button", { type: "button", id: "leave-point" }, "Clear");
  const why = html("small", {});
  root.replaceChildren(html("h2", {}, "What is here"), words, box,
    html("p", { class: "acts" }, look, start, leave), why);
  look.addEventListener("click", point);
  start.addEventListener("click", startHere);
  leave.addEventListener("click", clear);
  let told = null;

  return {
    update({ point: at, here, hereError, connection, starting }, run) {
      const isOff = connection.state !== "open";
      look.hidden = Boolean(at);
      start.hidden = leave.hidden = !at;
      start.disabled = isOff || !here || !run || starting;
      why.textContent = !at || !here || !run ? ""
        : `It begins at this point of the plane, with the rule ${run.rule} and an empty memory.`;
      root.setAttribute("aria-busy", String(Boolean(at && (here?.a !== at[0] || here?.b !== at[1]))));
      if (hereError) words.textContent = `${hereError.what}.`;
      else if (!at) words.textContent = "Click on the ground, or press Enter on it: the network of that point is asked.";
      else words.textContent = `The point ${placeWords(at)} of the plane.`;
      if (told === here) return;
      told = here;
      box.replaceChildren(...(here ? tables(here) : []));
    },
  };
}

function tables({ sides, classes }) {
  const row = (name, values) => html("tr", {}, html("th", { scope: "row" }, name),
    ...values.map((each) => html("td", {}, each)));
  const loss = ({ loss: value }) => (value === null ? "not finite" : short(value, 4));
  const right = ({ accuracy, fit }) => (accuracy !== undefined ? percent(accuracy)
    : fit === undefined || fit === null ? "–" : short(fit));
  const table = html("table", { id: "here-losses" }, html("caption", { class: "unseen" }, "The network here"),
    html("thead", {}, html("tr", {}, html("td", {}), ...sides.map(({ name }) => html("th", { scope: "col" }, name)))),
    html("tbody", {}, row("loss", sides.map(loss)),
      row(classes.length ? "right" : "R²", sides.map(right)),
      row("different rows", sides.map(({ rows, of }) => (rows < of ? `${whole(rows)} of ${whole(of)}` : whole(rows))))));
  return [table, ...sides.filter(({ calls }) => calls).map((side) => callsTable(side, classes))];
}

function callsTable({ name, calls, counted }, classes) {
  return html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `Calls, ${name}` },
    html("table", { class: "calls" }, html("caption", {}, `${name}, ${whole(counted)} in all`),
      html("thead", {}, html("tr", {}, html("td", {}), ...classes.map((each) =>
        html("th", { scope: "col" }, "called ", html("bdi", {}, each))))),
      html("tbody", {}, ...calls.map((cells, i) => html("tr", {},
        html("th", { scope: "row" }, "is ", html("bdi", {}, classes[i])),
        ...cells.map((count, j) => html("td", { class: i === j ? "right-call" : count ? "wrong-call" : null },
          whole(count))))))));
}
