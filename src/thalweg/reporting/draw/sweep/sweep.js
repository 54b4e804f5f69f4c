// The page of a sweep: choosing a cell shows its numbers and its networks; the link keeps it.
import { byId, html, responsive, svg } from "../dom.js";
import { copyButtons, copyText, keepLink, linkOf, readLink } from "../learn/link_state.js";

const told = JSON.parse(byId("sweep").textContent);
const buttons = [...document.querySelectorAll("[data-cell]")];
const keys = {
  units: { kind: "one", usual: null, of: told.units },
  rate: { kind: "one", usual: null, of: told.rates },
};
const read = readLink(keys, location.hash);
let chosen = null;
let redraw = () => {};

function link(cell) {
  const state = {
    units: told.units[Math.floor(cell / told.columns)],
    rate: told.rates[cell % told.columns],
  };
  return linkOf(keys, state, read.others);
}

/** Show the numbers of a cell. */
function show(cell) {
  byId("words").textContent = told.cells[cell].words;
  networksOf = cell;
  redraw();
}

/** Choose a cell: it stays when the pointer leaves, and stands in the link. */
function choose(cell, focus = false) {
  chosen = cell;
  buttons.forEach((button, k) => {
    button.setAttribute("aria-pressed", String(k === cell));
    button.tabIndex = k === cell ? 0 : -1;
  });
  if (focus) buttons[cell].focus();
  show(cell);
}

/** The cell that an arrow key leads to; the same one at an edge. */
function beside(cell, key) {
  const [row, column] = [Math.floor(cell / told.columns), cell % told.columns];
  const rows = told.units.length;
  const moves = {
    ArrowLeft: [row, Math.max(0, column - 1)],
    ArrowRight: [row, Math.min(told.columns - 1, column + 1)],
    ArrowUp: [Math.max(0, row - 1), column],
    ArrowDown: [Math.min(rows - 1, row + 1), column],
    Home: [row, 0],
    End: [row, told.columns - 1],
  };
  const to = moves[key];
  return to ? to[0] * told.columns + to[1] : null;
}

let networksOf = told.first;
const HEIGHT = 96;

/** The loss of each network of a cell on the scale of the colours, with mean and interval. */
function networks(width) {
  const cell = told.cells[networksOf];
  const known = cell.losses.filter((loss) => loss !== null && loss > 0);
  const ends = [told.low, told.high, told.constant, ...known, ...(cell.interval ?? [])]
    .filter((loss) => loss > 0);
  const [low, high] = [Math.min(...ends) / 1.05, Math.max(...ends) * 1.05];
  const room = width - 24;
  const x = (loss) => 12 + (room * Math.log(Math.max(loss, low) / low)) / Math.log(high / low);
  const label = `Losses of the networks of this cell: ${
    cell.losses.map((loss) => (loss === null ? "diverged" : loss.toPrecision(3))).join(", ")}`;
  const near = x(told.constant) > width / 2;
  const parts = [
    svg("path", { class: "networks-axis", d: `M12 40H${width - 12}` }),
    svg("path", { class: "networks-constant", d: `M${x(told.constant)} 18V58` }),
    svg("text", {
      class: "of-constant", x: x(told.constant) + (near ? -6 : 6), y: 14,
      "text-anchor": near ? "end" : "start",
    }, `a constant answer ${told.constant.toPrecision(3)}`),
  ];
  if (cell.interval) {
    const [from, to] = cell.interval.map(x);
    parts.push(
      svg("path", { class: "networks-interval", d: `M${from} 34V46M${from} 40H${to}M${to} 34V46` }),
    );
  }
  // Equal dots stand one above the other, so that each network is seen.
  const places = [...known].sort((a, b) => a - b).map(x);
  let [last, level] = [-Infinity, 0];
  parts.push(...places.map((at) => {
    level = at - last < 8 ? level + 1 : 0;
    if (level === 0) last = at;
    const up = 40 - Math.min(7, 28 / known.length) * level;
    return svg("circle", { class: "networks-dot", cx: at, cy: up, r: 5 });
  }));
  for (const [at, loss, anchor] of [[12, low, "start"], [width - 12, high, "end"]]) {
    parts.push(svg("path", { class: "networks-axis", d: `M${at} 36V44` }),
      svg("text", { class: "networks-end", x: at, y: 90, "text-anchor": anchor }, loss.toPrecision(2)));
  }
  if (cell.mean !== null) {
    const at = x(cell.mean);
    parts.push(svg("path", { class: "networks-mean", d: `M${at} 47L${at - 5} 56H${at + 5}Z` }));
    const side = at > width - 90 ? "end" : at < 90 ? "start" : "middle";
    parts.push(svg("text", { x: at, y: 71, "text-anchor": side }, `mean ${cell.mean.toPrecision(3)}`));
  }
  return svg("svg", {
    class: "plot", role: "img", "aria-label": label, width, height: HEIGHT,
    viewBox: `0 0 ${width} ${HEIGHT}`,
  }, ...parts);
}

for (const [k, button] of buttons.entries()) {
  button.addEventListener("pointerenter", () => show(k));
  button.addEventListener("pointerleave", () => show(chosen));
  button.addEventListener("click", () => {
    choose(k);
    keepLink(link(k));
  });
  button.addEventListener("focus", () => {
    if (k !== chosen) choose(k);
  });
  button.addEventListener("keydown", (event) => {
    const to = beside(k, event.key);
    if (to === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(to, true);
    keepLink(link(to));
  });
}
byId("copy-link").addEventListener("click", (event) => {
  copyText(event.currentTarget, location.href.split("#")[0] + link(chosen));
});
copyButtons(byId("copy-link").parentNode, told.recipes);
const asked = told.units.indexOf(read.state.units) * told.columns + told.rates.indexOf(read.state.rate);
const both = read.state.units !== null && read.state.rate !== null;
if (read.wrong.length) {
  byId("words").before(html("p", { class: "sub", role: "alert" }, "The link names a cell that is not here."));
}
choose(both ? asked : told.first);
redraw = responsive(byId("networks"), networks);
document.documentElement.dataset.drawn = "yes";
