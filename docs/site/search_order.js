// The order of what the search finds, where nothing but the text of a page has the words: pages that say how
// one thing is done, then all others, and last those for people who work on thalweg, which name nearly everything.
var Scorer = {
  score: ([page, , , , score, , kind]) => {
    if (kind !== "text") return score;
    if (/^docs\/(how-to|tutorials)\//.test(page)) return score + 1;
    return /^(CHANGELOG|CONTRIBUTING|docs\/(decisions|design|foundations|map))$/.test(page) ? score - 20 : score;
  },
  // Sphinx's own numbers.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
