// The state of a page in its link: typed keys behind the #, and keys of others as they are.

/**
 * @typedef {object} Key how a value is written, and what it is if the link does not say it
 * @property {"whole"|"number"|"one"|"bits"|"words"|"own"} kind
 * @property {any} usual left out of the link
 * @property {number} [from]
 * @property {number} [to]
 * @property {string[]} [of] the words that are allowed
 * @property {number} [length] of bits
 * @property {(text: string) => any} [read] of its own kind: undefined for what cannot be
 */

const READERS = {
  whole: (text, key) => (/^\d{1,15}$/.test(text) ? inRange(Number(text), key) : undefined),
  number: (text, key) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
    ? inRange(Number(text), key) : undefined),
  one: (text, key) => (key.of.includes(text) ? text : undefined),
  bits: (text, key) => (new RegExp(`^[01]{${key.length}}$`).test(text) ? text : undefined),
  words: (text) => (text.split(",").every((each) => /^[a-z-]{1,40}$/.test(each))
    ? text.split(",") : undefined),
  own: (text, key) => key.read(text),
};

function inRange(value, { from = -Infinity, to = Infinity }) {
  return Number.isFinite(value) && value >= from && value <= to ? value : undefined;
}

/**
 * Read a link.
 * @param {Record<string, Key>} keys
 * @param {string} hash with or without its #
 * @returns {{state: Record<string, any>, others: [string, string][], wrong: string[]}} others are
 *   kept for `linkOf`; wrong names the keys whose value cannot be
 */
export function readLink(keys, hash) {
  const state = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.usual]));
  const [others, wrong] = [[], []];
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!Object.hasOwn(keys, name)) {
      others.push([name, text]);
      continue;
    }
    const value = READERS[keys[name].kind](text, keys[name]);
    if (value === undefined) wrong.push(name);
    else state[name] = value;
  }
  return { state, others, wrong };
}

/**
 * The link of a state; what is as usual is left out.
 * @param {Record<string, Key>} keys
 * @param {Record<string, any>} state
 * @param {[string, string][]} [others]
 * @returns {string} "" or "#…"
 */
export function linkOf(keys, state, others = []) {
  const pairs = Object.keys(keys)
    .filter((name) => state[name] !== null && String(state[name]) !== String(keys[name].usual))
    .map((name) => [name, String(state[name])]);
  const text = new URLSearchParams([...pairs, ...others]).toString().replaceAll("%2C", ",");
  return text && `#${text}`;
}

/** What is said of keys whose value cannot be. */
export const valuesNotAllowed = (wrong) => (wrong.length
  ? `This link has a value that is not allowed for ${wrong.join(", ")}: the usual one is used.` : "");

/** What is said of parts that a link hides and the page does not have. */
export function partsNotThere(names, parts = document.querySelectorAll("[data-part]")) {
  const known = [...new Set(["hints", ...[...parts].map((each) => each.dataset.part)])];
  const wrong = names.filter((name) => !known.includes(name));
  return wrong.length ? `This page has no part ${wrong.join(", ")}: hide knows ${known.join(", ")}.` : "";
}

// Browsers allow 100 changes of the address in 30 s; a slider that is dragged asks for more.
const MOST_LINKS = 90;
const LINK_SPAN = 30_000;
const links = { times: [], waiting: 0 };

/**
 * Show a link in the address bar, without a step in the browser's history; after very many in a
 * short time, the last one when the browser allows it again.
 */
export function keepLink(link) {
  if (link === location.hash) return;
  const now = Date.now();
  links.times = links.times.filter((time) => now - time < LINK_SPAN);
  clearTimeout(links.waiting);
  if (links.times.length >= MOST_LINKS) {
    links.waiting = setTimeout(keepLink, links.times[0] + LINK_SPAN - now, link);
    return;
  }
  links.times.push(now);
  showLink(link);
}

function showLink(link) {
  // A page inside another one may have no address to change.
  try {
    history.replaceState(null, "", link || location.pathname);
  } catch {
    if (link) location.hash = link;
  }
}

/**
 * Copy a text, and say on the button whether that worked.
 * @param {HTMLElement} button
 * @param {string} text
 */
export async function copyText(button, text) {
  const words = button.dataset.words ?? button.textContent;
  button.dataset.words = words;
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    done = copyBySelection(text);
  }
  button.textContent = done ? "Copied" : "Copying is not allowed here";
  setTimeout(() => {
    button.textContent = words;
  }, 1600);
}

/** Buttons in a box that copy how a page is made again: its `command`, its `python`, as `now`. */
export function copyButtons(box, recipes, now = (text) => text) {
  for (const [key, words] of [["command", "Copy as command"], ["python", "Copy as Python"]]) {
    if (!recipes[key]) continue;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: words });
    button.onclick = () => copyText(button, now(recipes[key]));
    box.append(button);
  }
}

/** The older way, for pages from a file. */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/**
 * A whole number in [0, n) for a seed and a place: `thalweg.reporting.lessons.drawn_by_seed`.
 * @param {number} seed from 0 to 2³² − 1
 * @param {number} place
 * @param {number} n
 * @returns {number}
 */
export function drawn(seed, place, n) {
  let mixed = (seed + Math.imul(place + 1, 0x9e3779b9)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0;
  return ((mixed ^ (mixed >>> 16)) >>> 0) % n;
}
