// The what-if panel: a made-up row, the answer of the model for it, and what moves it there.

import { printedBars } from "./adding_up.js";
import { html, responsive } from "./dom.js";
import { amount } from "./numbers.js";
import { contributionsTo } from "./page_contributions.js";
import { likenessFrom, outlierP } from "./page_likeness.js";
import { unpackedVector } from "./page_encoder.js";
import { answerOf, errorScale, modelFrom, rowOf } from "./page_network.js";
import { cellText, controlOf, isCellOf, typicalCell } from "./what_if_controls.js";
import {
  barsOf, classBars, numberLine, percentText, shareLine, spreadText, waterfall,
} from "./what_if_pictures.js";

const PAUSE = 60; // milliseconds until the contributions follow a slider
const IN_WORDS = 3; // contributions in the sentence
const MOST_ON_PAPER = 40;
const CLIPPED = 1e-4;
const ON_PAPER = "On a screen, a reader sets the cells of a row here, and the page shows what the "
  + "model answers and why. No cell was set before this was printed.";

/**
 * Fill the panel.
 * @param {HTMLElement} box
 * @param {object} data from thalweg.reporting.page.what_if_data
 * @param {object} formulas FORMULAS of the model
 * @returns {object} set, watch and read, of the cells that are set, by the place of their column
 */
export function whatIfPanel(box, data, formulas) {
  const model = modelFrom(data.model, formulas);
  const typical = data.controls.map(typicalCell);
  const state = {
    data, model, typical,
    held: heldOut(data),
    likeness: likenessFrom(data.likeness, formulas),
    base: rowOf(model, typical),
    cells: [...typical],
    which: -1, // the predicted class
  };
  const head = html("div", { class: "answer" });
  const sure = html("div", { class: "sure" });
  const why = html("div", { class: "what-moves" });
  const paper = html("p", { class: "paper" });
  const controls = html("div", { class: "controls" });
  box.replaceChildren(paper, html("div", { class: "what-if" }, controls,
    html("div", { class: "answered" }, head, sure, why)));
  const answer = answerPart(head, sure, state);
  const contributions = contributionPart(why, state);
  let waiting = 0;
  const update = () => {
    state.row = rowOf(model, state.cells);
    state.found = answerOf(model, state.row);
    state.called = calledOf(model, state.found.answer);
    answer();
    const isTypical = state.cells.every((cell, k) => cell === typical[k]);
    box.classList.toggle("untouched", isTypical);
    paper.textContent = isTypical ? ON_PAPER : rowText(state);
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(contributions, PAUSE);
  };
  let asked = false;
  let changed = () => {};
  const tellChange = () => changed(Object.fromEntries([...state.cells.entries()]
    .filter(([k, cell]) => cell !== typical[k])));
  const change = (place, cell) => {
    state.cells[place] = cell;
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      update();
      later();
      tellChange();
    });
  };
  const set = (cells) => {
    state.cells = typical.map((cell, k) => cells[k] ?? (k in cells ? null : cell));
    shown.forEach((show, place) => show?.(state.cells[place]));
    update();
    contributions();
  };
  const shown = fillControls(controls, state, change, () => {
    set({});
    tellChange();
  });
  addEventListener("beforeprint", () => {
    clearTimeout(waiting);
    update();
    contributions();
  });
  update();
  contributions();
  return {
    set,
    watch: (act) => { changed = act; },
    read: (text) => cellsIn(text, data.controls, model.columns),
  };
}

/** The cells in a link, if this model may have them. */
function cellsIn(text, controls, columns) {
  let cells;
  try {
    cells = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof cells !== "object" || cells === null || Array.isArray(cells)) return undefined;
  const known = Object.entries(cells).every(([place, cell]) => /^\d+$/.test(place)
    && place in controls && isCellOf(controls[place], columns[place].levels ?? [], cell));
  return known ? text : undefined;
}

/** The controls: the first ones, the others folded, and a way back. */
function fillControls(box, { data, model }, change, reset) {
  const made = data.controls.map((spec, place) => (spec.as === "none" ? null
    : controlOf(spec, model.columns[place].levels ?? [], place, (cell) => change(place, cell))));
  made.forEach((control, place) => control?.show(typicalCell(data.controls[place])));
  const first = new Set(data.first);
  const rest = made.filter((control, place) => control && !first.has(place));
  const back = html("button", { type: "button", id: "what-if-reset" }, "Back to the typical row");
  back.addEventListener("click", reset);
  const more = rest.length ? html("details", {},
    html("summary", {}, `${rest.length} more ${rest.length === 1 ? "column" : "columns"}`),
    ...rest.map(({ node }) => node)) : null;
  box.replaceChildren(...data.first.map((place) => made[place].node),
    ...[more, html("p", {}, back)].filter((each) => each !== null));
  return made.map((control) => control?.show);
}

/** The predicted class; null for a number. */
function calledOf({ answer: { kind, threshold, positive, costs } }, found) {
  if (kind === "number") return null;
  if (kind === "two classes") {
    return threshold === null || found[0] > threshold ? positive : 1 - positive;
  }
  const worth = found.map((share, k) => share * costs[k]);
  return worth.indexOf(Math.max(...worth));
}

/** The held-out scores or residuals, unpacked. */
export function heldOut({ scores, residuals, scaled }) {
  if (scores) {
    const lists = scores.lists.map((each) => each.map(unpackedVector));
    return { scores: { least: scores.least, lists } };
  }
  if (residuals) {
    return { residuals: { rank: residuals.rank, lists: residuals.lists.map(unpackedVector) } };
  }
  return { scaled };
}

/** Which classes the row may have at 90 %; null if that is not known. */
export function setOf({ model, held, found }) {
  if (!held.scores) return null;
  const { least, lists } = held.scores;
  const { kind, positive } = model.answer;
  const shares = kind === "two classes"
    ? found.each.map(([p]) => (positive === 1 ? [1 - p, p] : [p, 1 - p])) : found.each;
  const asOne = lists.length === 1 && shares.length > 1
    ? [shares[0].map((_, k) => shares.reduce((sum, p) => sum + p[k], 0) / shares.length)] : shares;
  return least.map((fewest, y) => {
    const count = lists.reduce((sum, scores, m) =>
      sum + scores[y].filter((score) => score <= asOne[m][y]).length, 0);
    return count > fewest;
  });
}

/** The interval of a number at 90 %; null if that is not known. */
export function intervalOf({ model, held, found, row }) {
  const [answer] = found.answer;
  if (held.scaled !== undefined) {
    const half = held.scaled * errorScale(model, row);
    return [answer - half, answer + half];
  }
  if (!held.residuals) return null;
  const { rank, lists } = held.residuals;
  const alone = lists.length === 1 ? [found.answer] : found.alone;
  const end = (sign) => {
    const values = lists.flatMap((list, m) =>
      Array.from(list, (residual) => sign * alone[m][0] + residual));
    return values.sort((a, b) => b - a)[rank - 1];
  };
  return [-end(-1), end(1)];
}

/** The part with the answer: its sentence, its picture, and how sure it is. */
function answerPart(box, notes, state) {
  const { data, model } = state;
  const { kind, labels, positive } = model.answer;
  const sentence = html("p", { class: "now", role: "status", "aria-live": "polite" });
  const picture = html("div", { class: "picture" });
  box.replaceChildren(sentence, picture);
  const text = kind === "number" ? numberText(data.unit) : percentText;
  const draw = (width) => {
    const { found: { answer, alone }, called } = state;
    const each = alone.map(([value]) => value);
    if (kind === "two classes") {
      const { threshold } = model.answer;
      return shareLine({ answer: answer[0], alone: each, threshold, name: labels[positive] },
        width);
    }
    if (kind === "several classes") return classBars({ answers: answer, labels, called }, width);
    const { low, high } = model.answer;
    const ends = intervalOf(state);
    return numberLine({ answer: answer[0], alone: each, low, high, ends, text }, width);
  };
  let drawn = null;
  return () => {
    const { found: { answer, alone }, called } = state;
    if (kind === "number") {
      const name = data.target ? html("bdi", {}, data.target) : "the answer";
      sentence.replaceChildren("Predicted ", name, ": ", html("b", {}, text(answer[0])));
    } else {
      const of = kind === "two classes" ? positive : called;
      const share = answer[kind === "two classes" ? 0 : called];
      sentence.replaceChildren("Probability of ", html("bdi", {}, labels[of]), ": ",
        html("b", {}, percentText(share)), whyCalled(model.answer, answer, called),
        html("b", {}, html("bdi", {}, labels[called])));
    }
    if (drawn) drawn();
    else drawn = responsive(picture, draw);
    const which = kind === "several classes" ? called : 0;
    notes.replaceChildren(...[
      spreadText(alone.map((each) => each[which]), text), sureText(state, text), likeText(state),
    ].filter((each) => each !== null));
  };
}

/** What leads from the probabilities to the answer: where costs decide, their order is given. */
export function whyCalled({ kind, costs, labels }, answer, called) {
  const plain = ", so the answer is ";
  if (kind !== "several classes" || costs.every((cost) => cost === costs[0])) return plain;
  const worth = answer.map((share, k) => share * costs[k]);
  const total = worth.reduce((sum, each) => sum + each, 0);
  const order = worth.map((_, k) => k).sort((a, b) => (b === called) - (a === called)
    || worth[b] - worth[a]).slice(0, 3);
  const shares = order.map((k) => `${labels[k]} ${percentText(worth[k] / total)}`).join(", ");
  return `. The costs of mistakes decide: probabilities times costs, as shares of their sum, are `
    + `${shares}${worth.length > 3 ? ", others less" : ""}${plain}`;
}

/** The set or the interval in words. */
function sureText(state, text) {
  const { model: { answer: { kind, labels } } } = state;
  if (kind === "number") {
    const ends = intervalOf(state);
    return ends && html("p", {}, `Interval: from ${text(ends[0])} to ${text(ends[1])}. It is made `
      + `to hold the true number in 90 of 100 rows that are like the training rows.`);
  }
  const set = setOf(state);
  if (!set) return null;
  const names = labels.filter((_, y) => set[y]);
  const words = names.length === 0
    ? "none: each class is less probable here than for nine of ten of its held-out training rows"
    : names.length === 2 && labels.length === 2 ? `${names.join(" and ")}, so it cannot tell`
      : names.length === 1 ? `${names[0]} alone` : names.join(", ");
  return html("p", {}, "Possible classes: ", html("bdi", {}, words), ". Such a set is made to hold "
    + "the true class in 90 of 100 rows of each class that are like the training rows.");
}

/** Whether the row is like the training rows, as model.unlike says it. */
function likeText({ data, likeness, row }) {
  const p = outlierP(likeness, row);
  const unlike = p <= data.unlike;
  const words = `The row is ${unlike ? "unlike" : "not unlike"} the training rows (outlier p `
    + `${Number(p.toPrecision(2))}).`;
  return html("p", { id: "what-if-like" }, unlike ? html("b", {}, words) : words,
    unlike ? " What the model answers for such rows is hardly tested." : "");
}

function numberText(unit) {
  return (value) => (unit ? `${amount(value)} ${unit}` : amount(value));
}

/** The part with the contributions. */
function contributionPart(box, state) {
  const { data, model } = state;
  const { kind, labels, positive } = model.answer;
  const isShare = kind !== "number";
  const text = isShare ? percentText : numberText(data.unit);
  const title = html("h3", {});
  const picture = html("div", { class: "picture" });
  const said = html("div", {});
  const chosen = kind === "several classes" ? classChoice(labels, (which) => {
    state.which = which;
    draw();
  }) : null;
  box.replaceChildren(...[title, chosen, picture, said].filter((each) => each !== null));
  let [again, spec] = [null, null];
  function draw() {
    const which = kind === "several classes" ? (state.which < 0 ? state.called : state.which) : 0;
    const label = kind === "several classes" ? labels[which] : labels[positive];
    title.replaceChildren(...(isShare
      ? ["What moves the probability of ", html("bdi", {}, label)] : ["What moves the number"]));
    const found = contributionsTo(model, state.row, state.base, which);
    const names = state.cells.map((cell, k) => {
      const words = cellText(data.controls[k], cell);
      return cell === null ? `${data.controls[k].name} missing`
        : `${data.controls[k].name} = ${words}`;
    });
    const { bars, told } = found ? printedBars(found.base, barsOf(found.values, names),
      found.answer, { isShare, text, unit: data.unit }) : { bars: [], told: text };
    const words = sentenceOf(found, bars, state);
    spec = bars.length ? { bars, base: found.base, answer: found.answer, told, said: words } : null;
    if (again) again();
    else {
      again = responsive(picture, (width) => (spec ? waterfall(spec, width) : html("span", {})));
    }
    said.replaceChildren(...[words, ...noted(found, bars, state, text)].map((each) =>
      html("p", {}, each)));
  }
  return draw;
}

function classChoice(labels, choose) {
  const select = html("select", { id: "what-if-class" },
    html("option", { value: -1 }, "the class that is answered"),
    ...labels.map((label, k) => html("option", { value: k }, label)));
  select.addEventListener("change", () => choose(Number(select.value)));
  return html("p", { class: "choice" }, html("label", { for: "what-if-class" }, "Class: "), select);
}

/** Whether a contribution is another one than 0 in the digits that are shown. */
const isSeen = ({ gain }) => /[1-9]/.test(gain);

/** The largest contributions in a sentence. */
function sentenceOf(found, bars, { cells, typical }) {
  if (!found) {
    return "The contributions of this row cannot be computed: they do not add up to the "
      + "difference of the answers.";
  }
  if (!bars.length) {
    return cells.every((cell, k) => cell === typical[k])
      ? "This is the typical row: change a column to see what it contributes."
      : "What was changed does not move the answer.";
  }
  const seen = bars.filter((bar) => bar.place !== null && isSeen(bar));
  if (!seen.length) return "What was changed hardly moves the answer.";
  const parts = seen.slice(0, IN_WORDS)
    .map(({ name, value, gain, place }) => {
      const size = gain.slice(1).replace(" pt", " points");
      const what = cells[place] === null ? `the missing ${name.replace(/ missing$/, "")}` : name;
      return value < 0 ? `${what} takes ${size} away` : `${what} adds ${size}`;
    });
  const last = parts.pop();
  return `Compared with the typical row, ${parts.length ? `${parts.join(", ")} and ` : ""}${last}.`;
}

/** What has to be said beside the bars. */
function noted(found, bars, { model, found: { answer } }, text) {
  const notes = [];
  if (!found) return notes;
  const split = bars.slice(0, IN_WORDS).filter((bar) => bar.place !== null && isSeen(bar)
    && [1, -1].every((sign) => found.each?.some((own) => sign * own[bar.place] > 0)));
  if (split.length) {
    const which = split.length === 1 ? "this column raises or lowers"
      : "these columns raise or lower";
    notes.push(`The networks disagree whether ${which} the answer: `
      + `${split.map(({ name }) => name).join(", ")}.`);
  }
  if (model.answer.kind !== "number" && found.values.some((value) => Math.abs(value) > 1)) {
    notes.push("A contribution can be above 100 points: on the way from the typical row to this "
      + "one, columns work against each other.");
  }
  if (model.answer.kind === "number") {
    const unit = Math.max(...model.networks.map(({ scale }) => Math.abs(scale)));
    if (Math.abs(found.answer - answer[0]) > CLIPPED * Math.max(unit, Math.abs(answer[0]))) {
      notes.push(`The contributions add up to ${text(found.answer)}; the model answers `
        + `${text(answer[0])}, because it clips to the range of the training targets.`);
    }
  }
  return notes;
}

/** The row in words, for print. */
function rowText({ data, cells, typical }) {
  const used = data.controls.map((spec, k) => k).filter((k) => data.controls[k].as !== "none");
  const changed = used.filter((k) => cells[k] !== typical[k]);
  const shown = used.length <= MOST_ON_PAPER ? used : changed.slice(0, MOST_ON_PAPER);
  const words = shown.map((k) =>
    [data.controls[k].name, ...(cells[k] === null ? [] : ["="]),
      cellText(data.controls[k], cells[k])].join(" "));
  const rest = used.length - shown.length;
  if (rest) words.push(`${rest} others${changed.length <= shown.length ? " as typical" : ""}`);
  return `The row: ${words.join("; ")}.`;
}
