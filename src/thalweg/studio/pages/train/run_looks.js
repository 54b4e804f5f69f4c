// How runs look: a colour, a dash and a marker each, and which run has which.

/** The looks of the runs that have names: the same as on all pages. */
const NAMED = ["sgd", "anneal", "large", "momentum", "nesterov", "rmsprop", "adam"];
const DASHES = ["", "9 3 2 3", "7 4", "2 3", "12 3", "5 2 1 2", "3 2"];
const MARKERS = ["circle", "diamond", "square", "triangle"];
const COLOURS = 7;

/**
 * The look of a number: beyond seven the colours come again, each time with another dash and marker.
 * @param {number} look
 * @returns {import("/draw/series_marks.js").Look}
 */
export function lookOf(look) {
  const turn = Math.floor(look / COLOURS);
  return { name: `run-${look % COLOURS}`, dash: DASHES[(look + 2 * turn) % DASHES.length],
    marker: MARKERS[(look + 2 * turn) % MARKERS.length] };
}

/**
 * The number of the look of a new run.
 * @param {string} name of the run
 * @param {boolean} isFirst whether it is no fork
 * @param {Set<number>} taken by the runs that may be shown beside it
 * @returns {number}
 */
export function nextLook(name, isFirst, taken) {
  const own = NAMED.indexOf(name);
  if (isFirst && own >= 0 && !taken.has(own)) return own;
  // Forks begin with the colours after those of the four runs.
  for (let k = 4; k < 200; k += 1) {
    const look = k < COLOURS ? k : k < COLOURS + 4 ? k - COLOURS : k - 4;
    if (!taken.has(look)) return look;
  }
  return 0;
}
