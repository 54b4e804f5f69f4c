// Keys, pointer, fingers and wheel of a stage.

/**
 * Listen to what readers do on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {object} does
 * @param {Record<string, (n: number) => void>} does.acts by key; n is 5 with Shift, else 1
 * @param {(azimuth: number, elevation: number) => void} does.turn
 * @param {(factor: number) => void} does.zoom
 * @param {(x: number, y: number) => void} does.hover
 * @param {() => void} does.leave
 * @param {() => boolean} does.isFlat a map is not turned
 */
export function listenTo(canvas, { acts, turn, zoom, hover, leave, isFlat }) {
  canvas.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    // Many keyboards type brackets with AltGr, which must not count as a modifier.
    const isOther = event.ctrlKey || event.metaKey || event.altKey;
    if (!act || (isOther && !event.getModifierState("AltGraph"))) return;
    event.preventDefault();
    act(event.shiftKey ? 5 : 1);
  });
  let held = null;
  const fingers = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    held = [event.offsetX, event.offsetY];
    fingers.set(event.pointerId, held);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const here = [event.offsetX, event.offsetY];
    if (fingers.size === 2 && fingers.has(event.pointerId)) {
      const before = spread(fingers);
      fingers.set(event.pointerId, here);
      zoom(spread(fingers) / (before || 1));
    } else if (held && !isFlat()) {
      turn((held[0] - here[0]) * 0.4, (here[1] - held[1]) * 0.3);
      held = here;
    } else hover(...here);
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(kind, (event) => { fingers.delete(event.pointerId); held = null; });
  }
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("wheel", (event) => {
    // Without the focus the page wants to be scrolled.
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
  }, { passive: false });
}

/** How far two fingers are apart. */
function spread(fingers) {
  const [a, b] = [...fingers.values()];
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
