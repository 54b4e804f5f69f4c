// What is set at the left: the target and its positive class, groups, time, weights, and the reading.

import { html } from "/draw/dom.js";

const ROLES = [
  ["group", "Groups", "Rows of one group stay together, in training or in testing."],
  ["time", "Time", "Tests are made with later rows than the training."],
  ["weight", "Weights", "How much each row counts."],
];
// Said seldom, so folded: a column each, and lists of columns.
const AMOUNTS = [
  ["exposure", "Exposure", "Numbers above 0, such as years. A fit then learns a rate, and needs a loss such as poisson: "
    + "train it with the command, and --loss."],
  ["offset", "Offset", "Numbers that are added, such as log exposures. The same holds."],
];
const LISTS = [
  ["ids", "Kept beside predictions", "No inputs, such as numbers of customers."],
  ["drop_missing", "Rows without this are left out", "A target, time, group, weight or exposure."],
];
const EVERY = "*"; // in words for missing values: all columns
const READING = [
  ["separator", "Separator", [["", "found by itself"], [",", "comma"], [";", "semicolon"],
    ["\t", "tab"], ["|", "bar"]]],
  ["decimal", "Decimal mark", [["", "found by itself"], [".", "point"], [",", "comma"]]],
  ["encoding", "Encoding", null],
  ["sheet", "Sheet", null],
  ["header_row", "Row of the names", null],
];
const TASKS = [["auto", "found by itself"], ["classification", "classes"], ["regression", "a number"]];
const MOST_LETTERS = { encoding: 40, sheet: 200, header_row: 9, drop_row: 200, date: 200, missing: 60, number: 60 };
const MOST_PICKED = 500;

/**
 * @param {HTMLElement} root
 * @param {{choose: (patch: Record<string, any>) => void, takeBack: (name: string, of?: string) => void,
 *   leave: () => void}} acts
 * @returns {{update: (state: {table: any|null, choices: Record<string, any>}) => void,
 *   destroy: () => void}}
 */
export function makeChoicesForm(root, { choose, takeBack, leave }) {
  const wide = matchMedia("(min-width: 701px)");
  const columns = html("div", { class: "fields" });
  const more = html("div", { class: "fields" });
  const reading = html("div", { class: "fields" });
  const chosen = html("ul", { class: "chosen" });
  const chosenPart = html("section", {}, html("h2", {}, "Chosen"), chosen);
  const other = html("button", { type: "button", id: "other-table" }, "Another table");
  other.addEventListener("click", leave);
  const drawer = html("details", { class: "drawer" }, html("summary", {}, "Target, groups, reading"),
    html("form", { "aria-label": "What is set" }, html("h2", {}, "Columns"), columns,
      html("details", { id: "more-columns" }, html("summary", {}, "Dates, missing values, rates, rows"), more),
      html("details", { id: "reading" }, html("summary", {}, "How the file is read"), reading)),
    chosenPart);
  drawer.open = wide.matches;
  const unfold = () => {
    if (wide.matches) drawer.open = true;
  };
  wide.addEventListener("change", unfold);
  drawer.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  root.replaceChildren(drawer, other);

  function fillColumns({ table }) {
    if (!table) {
      columns.replaceChildren(html("p", { class: "soft" }, "Known when the file can be read."));
      return;
    }
    const { choices, target } = table;
    const pick = (id, label, hint, value, none) => columnPick({ id, label, hint, value, none, table,
      change: (column) => choose({ [id]: column || null, ...(id === "target" ? { positive: null } : {}) }) });
    columns.replaceChildren(
      pick("target", "Target", "The column to predict.", choices.target ?? target?.name, "none yet"),
      target?.classes?.length === 2 ? positivePick(target, choose) : "",
      field("task", "Kind of target", "", select("task", TASKS, choices.task ?? "auto", (task) =>
        choose({ task: task === "auto" ? null : task }))),
      ...ROLES.map(([id, label, hint]) => pick(id, label, hint, choices[id], "none")));
    const add = (id, label, hint) => columnPick({ id, label, hint, value: "", none: "add a column", table,
      change: (column) => column && choose({ [id]: [column] }) });
    more.replaceChildren(
      wordOfColumn({ id: "date", label: "Dates", hint: "dmy, mdy, ymd, %d.%m.%Y, excel or unix", table, choose }),
      wordOfColumn({ id: "number", label: "Numbers, written as", hint: "Such as 1.234,56", table, choose }),
      wordOfColumn({ id: "missing", label: "A word for a missing value", hint: "Such as k.A. or -999", table, choose,
        every: "all columns", as: (word) => [word] }),
      ...LISTS.map(([id, label, hint]) => add(id, label, hint)),
      field("drop_row", "Rows to leave out", "From 1: 17, or 3,17-19",
        written("drop_row", "", (rows) => rows && choose({ drop_row: [rows.trim()] }))),
      ...AMOUNTS.map(([id, label, hint]) => pick(id, label, hint, choices[id], "none")));
    for (const [id] of [...LISTS, ["drop_row"]]) byHint(more, id);
  }

  function fillReading({ choices }) {
    reading.replaceChildren(...READING.map(([id, label, options]) => {
      const value = choices[id] === undefined || choices[id] === null ? "" : String(choices[id]);
      const change = (text) => choose({ [id]: id === "header_row" && text ? Number(text) : text || null });
      // Errors name the option: here stands which field is the same.
      return field(id, label, `--${id.replaceAll("_", "-")} on the command line`,
        options ? select(id, options, value, change) : written(id, value, change));
    }));
    for (const [id] of READING) byHint(reading, id);
  }

  return {
    update(state) {
      if (state.table && !state.table.target && !state.table.preview) drawer.open = true;
      fillColumns(state);
      fillReading(state);
      const items = chosenItems(state.choices, takeBack);
      chosen.replaceChildren(...items);
      chosenPart.hidden = !items.length;
    },
    destroy() {
      wide.removeEventListener("change", unfold);
      root.replaceChildren();
    },
  };
}

function field(id, label, hint, control) {
  return html("p", { class: "field" }, html("label", { for: id }, label), control,
    hint ? html("small", { id: `${id}-hint` }, hint) : null);
}

function select(id, options, value, change) {
  const made = html("select", { id, "data-asks": true }, ...options.map(([each, words]) =>
    html("option", { value: each, selected: each === value }, words)));
  made.addEventListener("change", () => change(made.value));
  return made;
}

function written(id, value, change) {
  const made = html("input", { id, value, "data-asks": true, autocomplete: "off", spellcheck: "false",
    maxlength: MOST_LETTERS[id] ?? 2000, ...(id === "header_row" ? { type: "number", min: "1" } : { type: "text" }) });
  made.addEventListener("change", () => made.reportValidity() && change(made.value));
  return made;
}

/** A column of the table: from a list, or written where there are very many. */
function columnPick({ id, label, hint, value, none, table, change }) {
  const names = table.names ?? table.columns.map(({ name }) => name);
  const known = value && !names.includes(value) ? [value, ...names] : names;
  const isWhole = (table.n_columns ?? names.length) <= names.length;
  const control = isWhole && known.length <= MOST_PICKED
    ? select(id, [["", none], ...known.map((name) => [name, name])], value ?? "", change)
    : written(id, value ?? "", change);
  control.setAttribute("aria-describedby", `${id}-hint`);
  return field(id, label, hint, control);
}

function byHint(root, id) {
  root.querySelector(`#${id}`)?.setAttribute("aria-describedby", `${id}-hint`);
}

/** A column, a word, and a button that says the word of the column. */
function wordOfColumn({ id, label, hint, table, choose, every = null, as = (word) => word }) {
  const names = table.names ?? table.columns.map(({ name }) => name);
  const column = html("select", { id: `${id}-column`, "aria-label": `${label}: column` },
    ...(every ? [html("option", { value: EVERY }, every)] : []),
    ...names.slice(0, MOST_PICKED).map((name) => html("option", { value: name }, name)));
  const word = html("input", { id, type: "text", autocomplete: "off", spellcheck: "false", maxlength: MOST_LETTERS[id],
    "aria-describedby": `${id}-hint` });
  const add = html("button", { type: "button", "data-asks": true, "aria-label": `Add: ${label}` }, "Add");
  add.addEventListener("click", () => {
    if (word.value.trim()) choose({ [id]: { [column.value]: as(word.value.trim()) } });
    else word.focus();
  });
  return html("div", { class: "field" }, html("label", { for: id }, label), column,
    html("span", { class: "word" }, word, add), html("small", { id: `${id}-hint` }, hint));
}

function positivePick({ classes, positive }, choose) {
  const options = classes.map(({ label }) => [label, label]);
  return field("positive", "Positive class", "The one whose probability is given.",
    select("positive", options, positive ?? "", (label) => choose({ positive: label })));
}

/** What a choice is called in the list, where its name says too little. */
const CALLED = { ids: "kept", drop_missing: "rows left out without", drop_row: "rows left out", missing: "missing in" };

function chosenItems(choices, takeBack) {
  return Object.entries(choices).flatMap(([name, value]) => {
    const words = CALLED[name] ?? name.replaceAll("_", " ");
    if (Array.isArray(value)) return value.map((each) => chosenItem(words, String(each), () => takeBack(name, each)));
    if (typeof value === "object") {
      return Object.entries(value).map(([column, how]) => chosenItem(words,
        how === null ? column : `${column === EVERY ? "all columns" : column}: ${Array.isArray(how) ? how.join(", ") : how}`,
        () => takeBack(name, column)));
    }
    return [chosenItem(words, String(value), () => takeBack(name))];
  });
}

function chosenItem(name, value, away) {
  const button = html("button", { type: "button", "data-asks": true,
    "aria-label": `Take back: ${name} ${value}` }, "Take back");
  button.addEventListener("click", away);
  return html("li", {}, html("span", {}, `${name} `, html("bdi", {}, value)), button);
}
