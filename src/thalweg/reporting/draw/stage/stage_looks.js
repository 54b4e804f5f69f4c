// The numbers of what stands on a ground, for the page and for Python, which reads the JSON between
// the equals sign and the semicolon. Lengths with "px" are pixels of a page, others sides of the
// block.

/** Runs, balls and labels: all numbers that the page and the stills share. */
export const STAGE_LOOKS = {
  "course": {
    "leap": 0.045, "rise": 0.2, "piece": 0.012, "most_pieces": 28, "in_the_air": 9, "lift": 0.004,
    "flying": 0.02
  },
  "tube_px": {
    "outline": 7, "core": 4.4, "ridge": 1.3, "hidden": 2, "dash": 4, "trace": 7, "context": 0.55
  },
  "opacity": {
    "hidden": 0.38, "hidden_below": 0.6, "trace": 0.10, "curtain": 0.2, "ridge": 0.26,
    "context": 0.5, "foot": 0.85
  },
  "curtain": { "least": 0.003 },
  "foot_px": { "outline": 3.1, "core": 2.2 },
  "ball_px": { "radius": 9.5, "rim": 2, "raised": 5, "apart": 17 },
  "labels": {
    "angles": 12, "rings_px": [4, 16, 32], "more_rings_px": [52, 76, 104], "leader_from": 1,
    "per_point": 0.7, "off_frame": 60, "overlap": 1000, "give_up": 16, "gap_px": 2
  },
  "text_px": { "label": 13, "axis": 12 },
  "map_light": [-0.56, 0.44, 0.77]
};
