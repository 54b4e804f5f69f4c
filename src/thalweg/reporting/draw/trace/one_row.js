// In the place of mean_words.js on a page with one row, which has no mean of rows.

/** Never asked: there is no mean. */
export function meanWords() {
  return null;
}

/** Never asked: there is no mean. */
export function meanLens() {
  return null;
}
