// What a reader has set for this browser: light or dark, single keys. Without storage it is lost.

const PREFIX = "thalweg-";
const here = new Map();

/**
 * @param {string} name
 * @param {string} usual
 * @returns {string}
 */
export function kept(name, usual) {
  if (here.has(name)) return here.get(name);
  try {
    return localStorage.getItem(PREFIX + name) ?? usual;
  } catch {
    return usual;
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
export function keep(name, value) {
  here.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // A browser may forbid it; then it holds until the page is left.
  }
}
