// The numbers of the picture of a ground, for the page and for Python, which reads the JSON between
// the equals sign and the semicolon. Colours are red, green, blue, 0 to 255; lengths without "px"
// are shares of the longer side of the block. The formulas that use them are in the modules beside
// this one, and again in the package's room `relief`.

/** Colours of both modes, and all other numbers that the two renderers share. */
export const GROUND_LOOKS = {
  "light": {
    "page": [251, 250, 247],
    "tints": [[110, 143, 159], [156, 179, 173], [209, 207, 184], [249, 244, 230]],
    "cool": [0.60, 0.66, 0.80],
    "warm": [1.06, 1.045, 1.0],
    "dark_line": [41, 56, 69],
    "pale_line": [255, 255, 247],
    "wall": [204, 200, 189],
    "wall_line": [41, 56, 69],
    "blank": [238, 236, 230],
    "hatch_cut": [70, 66, 60],
    "hatch_blank": [70, 66, 60],
    "shadow": [60, 58, 50],
    "shadow_most": 0.26
  },
  "dark": {
    "page": [15, 20, 25],
    "tints": [[24, 42, 55], [42, 69, 79], [77, 96, 97], [148, 147, 130]],
    "cool": [0.42, 0.50, 0.70],
    "warm": [1.22, 1.16, 1.04],
    "dark_line": [5, 11, 17],
    "pale_line": [199, 219, 219],
    "wall": [42, 52, 61],
    "wall_line": [191, 204, 217],
    "blank": [26, 33, 40],
    "hatch_cut": [12, 16, 20],
    "hatch_blank": [205, 203, 196],
    "shadow": [0, 0, 0],
    "shadow_most": 0.55
  },
  "heights": {
    "cut_share": 0.97, "headroom": 1.02, "below": -0.02, "base": -0.05,
    "steep_share": 0.85, "steep_rise": 0.95, "least_tall": 0.20, "most_tall": 0.42
  },
  "mesh": { "fine_from": 121 },
  "lines": {
    "even_count": 22, "ratios": [1.2, 1.5, 2, 5, 10, 100, 1000, 1000000], "most": 60, "major": 5
  },
  "sky": {
    "directions": 12, "first": 0.012, "growth": 1.5, "reach": 0.3, "stride": 2, "table": 2048
  },
  "camera": {
    "field": 20, "distance": 3.3, "elevation": 40, "turn": 24, "middle": 0.36,
    "margins": { "left": 0.04, "right": 0.02, "top": 0.03, "bottom": 0.03 },
    "light": { "right": -0.62, "forward": -0.16, "up": 0.77 }
  },
  "shade": {
    "from": 0.20, "to": 1.32, "far_tone": 0.62, "low_contrast": 0.62, "high_contrast": 0.38,
    "contrast_height": 0.7, "sky_dark": 0.62, "sky_from": 0.25, "sky_to": 0.98
  },
  "contour_px": {
    "core": 0.35, "edge": 1.15, "more_core": 0.35, "more_edge": 0.5,
    "strength": 0.34, "more_strength": 0.34, "crowd_from": 0.22, "crowd_to": 0.45,
    "tone_from": 0.55, "tone_to": 1.25
  },
  "strata": {
    "strength": 0.10, "more_strength": 0.18, "plain": 0.80, "lit": 0.22, "least_lit": -0.5
  },
  "hatching": { "period": 0.022, "strength": 0.5 },
  "edges": { "bend_px": 1.0 },
  "depth": { "lift": 0.004 },
  "shadow": { "reach": 0.30, "shift": 0.06, "border": 0.10 }
};
