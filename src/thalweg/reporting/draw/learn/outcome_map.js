// A map of settings: each cell coloured by where its run ends, with the edge of the lowest minimum.

import { html, responsive, svg, textWidth } from "../dom.js";
import { short } from "../numbers.js";
import { frame, linear, logarithmic } from "../scale.js";

const KINDS = ["neither of them", "the lowest minimum", "the local minimum", "off the ground"];
const ORDER = [1, 2, 0, 3];
const MAP_HIGH = 430;

/**
 * @param {HTMLElement} box
 * @param {object} facts rates, momenta, minima
 * @param {(rate: number, momentum: number) => void} chosen called with the setting of a cell
 * @returns {(state: {ends: number[][]|null, attempts: object[], cell: number[]|null}) => void}
 */
export function outcomeMap(box, facts, chosen) {
  const picture = html("div", { class: "settings" });
  const names = html("ul", { class: "ends" }, ...ORDER.map((kind) => html("li", {},
    svg("svg", { width: 12, height: 12, "aria-hidden": "true" },
      svg("rect", { class: `end-${kind}`, width: 12, height: 12 })), KINDS[kind])));
  names.classList.add("settings");
  const said = html("p", { class: "say picture-said", role: "status" });
  box.append(picture, names, said);
  const { rates, momenta, minima } = facts;
  const state = { ends: null, attempts: [], cell: null };
  const ratio = Math.sqrt(rates[1] / rates[0]);
  const half = (momenta[1] - momenta[0]) / 2;
  const domain = [rates[0] / ratio, rates.at(-1) * ratio];
  let [cellOf, last] = [null, 0];

  const draw = (width) => {
    const inner = frame({
      width, height: MAP_HIGH, xTitle: "rate, log scale →", yTitle: "↑ momentum",
      x: (range) => logarithmic(domain, range),
      y: (range) => linear([momenta[0] - half, momenta.at(-1) + half], range),
      label: label(),
    });
    const { x, y, plot } = inner;
    inner.svg.setAttribute("tabindex", "0");
    inner.svg.setAttribute("role", "application");
    inner.svg.id = "settings";
    const edges = (i) => [x.at(rates[i] / ratio), x.at(rates[i] * ratio)];
    const rows = (j) => [y.at(momenta[j] + half), y.at(momenta[j] - half)];
    const cell = (i, j) => {
      const [[a, b], [c, d]] = [edges(i), rows(j)];
      return `M${a.toFixed(1)} ${c.toFixed(1)}H${(b + 0.4).toFixed(1)}V${(d + 0.4).toFixed(1)}H${a.toFixed(1)}Z`;
    };
    if (state.ends) {
      const paths = KINDS.map(() => []);
      state.ends.forEach((row, j) => row.forEach((kind, i) => paths[kind].push(cell(i, j))));
      paths.forEach((each, kind) => plot.append(svg("path", { class: `end-${kind}`, d: each.join("") })));
      const along = Array.from({ length: 41 }, (_, k) => k / 41).filter((mu) => mu <= momenta.at(-1));
      const d = `M${along.map((mu) => `${x.at((2 * (1 + mu)) / minima[0].bend)} ${y.at(mu)}`).join("L")}`;
      plot.append(svg("path", { class: "edge-under", d }), svg("path", { class: "edge", d }));
      const words = "rate = 2 (1 + μ) / λ";
      const at = [x.at(2.3 / minima[0].bend), y.at(0.15)];
      const right = at[0] + 8 + textWidth(words, 12) < width - 14;
      plot.append(svg("text", { class: "edge-name", x: at[0] + (right ? 8 : -8), y: at[1],
        "text-anchor": right ? "start" : "end" }, words));
    }
    for (const { rate, momentum, shrink } of state.attempts) {
      const inside = rate >= domain[0] && rate <= domain[1] && momentum <= momenta.at(-1) + half;
      if (inside && !shrink) {
        plot.append(svg("circle", { class: "attempt", cx: x.at(rate), cy: y.at(momentum), r: 5 }));
      }
    }
    if (state.cell) plot.append(svg("path", { class: "here", d: cell(...state.cell) }));
    cellOf = (px, py) => [firstPlace(rates, (rate) => x.back(px) < rate * ratio),
      firstPlace(momenta, (momentum) => y.back(py) < momentum + half)];
    last = inner.svg;
    inner.svg.addEventListener("click", (event) => {
      const frameBox = last.getBoundingClientRect();
      to(...cellOf(event.clientX - frameBox.left, event.clientY - frameBox.top));
    });
    inner.svg.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const [i, j] = state.cell ?? [20, 20];
      const n = event.shiftKey ? 5 : 1;
      to(i + n * move[0], j + n * move[1]);
    });
    return inner.svg;
  };
  const label = () => {
    if (!state.ends) return "Rates and momenta; where they end is hidden until you guess";
    const all = state.ends.flat();
    const counts = ORDER.map((kind) =>
      `${KINDS[kind]} ${all.filter((each) => each === kind).length}`).join(", ");
    return `${all.length} settings by where they end: ${counts}. Arrow keys choose a cell.`;
  };
  const to = (i, j) => {
    if (!state.ends) return;
    state.cell = [Math.min(rates.length - 1, Math.max(0, i)), Math.min(momenta.length - 1, Math.max(0, j))];
    const [rate, momentum] = [rates[state.cell[0]], momenta[state.cell[1]]];
    const kind = state.ends[state.cell[1]][state.cell[0]];
    said.textContent = `Rate ${short(rate, 3)}, momentum ${short(momentum, 3)}: the run ends ${
      kind === 3 ? "" : "in "}${KINDS[kind]}.`;
    redraw();
    chosen(rate, momentum);
  };
  const redraw = responsive(picture, draw);
  return (patch) => {
    Object.assign(state, patch);
    if (!state.cell) said.textContent = "";
    names.hidden = !state.ends;
    redraw();
  };
}

/** The first place of a list for which something holds, or the last one. */
function firstPlace(list, holds) {
  const found = list.findIndex(holds);
  return found < 0 ? list.length - 1 : found;
}
