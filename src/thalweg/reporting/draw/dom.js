// Creates all DOM elements. Text is always inserted as text, never as markup.

// The name of the namespace is an address, and no page holds one in one piece. It is not read from
// parsed markup: where trusted types are required, as in the studio, nothing may be parsed.
const SVG = ["http:", "", "www.w3.org", "2000", "svg"].join("/");

/**
 * An HTML element.
 * @param {string} tag
 * @param {Record<string, string|number|boolean|null>} [attributes] null and false omit an attribute
 * @param {...(Node|string|null)} children text is inserted as text
 * @returns {HTMLElement}
 */
export function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * An SVG element.
 * @param {string} tag
 * @param {Record<string, string|number|boolean|null>} [attributes]
 * @param {...(Node|string|null)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * The element of that id, which the page must have.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page lacks #${id}`);
  return element;
}

const PAPER = 684; // CSS pixels between the margins of A4, see @page in report.css

/**
 * Draw into a box, again whenever its width changes, and once more for printing.
 * @param {HTMLElement} box
 * @param {(width: number, onPaper: boolean) => Node} draw
 * @param {number} [paper] width in print
 * @returns {() => void} a function that draws it again
 */
export function responsive(box, draw, paper = PAPER) {
  let drawn = 0;
  const redraw = (width, onPaper = false) => {
    if (width <= 0) return;
    // Keep the keyboard focus when a picture is drawn again.
    const held = box.contains(document.activeElement) ? document.activeElement.id : "";
    drawn = width;
    box.replaceChildren(draw(width, onPaper));
    if (held) document.getElementById(held)?.focus({ preventScroll: true });
  };
  const fit = () => redraw(Math.floor(box.clientWidth));
  const left = new AbortController();
  new ResizeObserver(() => {
    if (!box.isConnected) left.abort(); // its place was left; the observer goes with its box
    else if (Math.floor(box.clientWidth) !== drawn && !matchMedia("print").matches) fit();
  }).observe(box);
  addEventListener("beforeprint", () => redraw(paper, true), left);
  addEventListener("afterprint", fit, left);
  fit();
  return fit;
}

let pen = null;

/**
 * The width of a text in the page's font, in pixels.
 * @param {string} words
 * @param {number} size of the font, in pixels
 * @returns {number}
 */
export function textWidth(words, size) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(words).width;
}

/**
 * A text cut to fit, with an ellipsis if it was cut.
 * @param {string} words
 * @param {number} room in pixels
 * @param {number} size of the font, in pixels
 * @returns {string}
 */
export function fitted(words, room, size) {
  if (textWidth(words, size) <= room) return words;
  const letters = [...words];
  let [low, high] = [0, letters.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(letters.slice(0, middle).join("") + "…", size) <= room) low = middle;
    else high = middle - 1;
  }
  return letters.slice(0, low).join("") + "…";
}

/**
 * Words in lines of a width; a word that is wider than a line is shortened.
 * @param {string} words
 * @param {number} room pixels
 * @param {number} size of the letters
 * @returns {string[]}
 */
export function inLines(words, room, size) {
  const lines = [];
  for (const word of words.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && textWidth(longer, size) <= room) lines[lines.length - 1] = longer;
    else lines.push(fitted(word, room, size));
  }
  return lines;
}
