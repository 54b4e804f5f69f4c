// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: ae4c3e17a9d5c60e637a978a033b9dbf7d48a89bbcd41f8eb8cdd18efc950ad4.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
//   "seen": days since 1970-01-01
//   "kept": 1, 0 or NaN
//
// It gives:
//   the probabilities of "0", "1", "2", in this order, and a label: the class with the largest product of probability and cost
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
// A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
// Its answers are those of the model to 1e-12, because the weights are float64 numbers and sums have another order.

export const columns = ["size", "town", "seen", "kept"];
export const answers = ["0", "1", "2"];
export const labels = [0, 1, 2];
const AROUND = "\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff";
const MISSING = new Set(["", "?", "n/a", "na", "nan", "null"]);
const levels_1 = new Map([
    ["Bern", 1], ["Oslo", 2], ["Z\u00fcrich", 3],
]);

function floats(text, size) {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const found = size === 4
    ? new Float32Array(bytes.length / 4) : new Float64Array(bytes.length / 8);
  for (let k = 0; k < found.length; k += 1)
    found[k] = size === 4 ? view.getFloat32(4 * k, true) : view.getFloat64(8 * k, true);
  return found;
}

function cellOf(row, column) {
  if (!Object.prototype.hasOwnProperty.call(row, column))
    throw new Error(`the row has no column ${JSON.stringify(column)}`);
  return row[column];
}

function numberOf(row, column) {
  const cell = cellOf(row, column);
  if (cell === null || cell === undefined || cell === "") return NaN;
  if (typeof cell === "number" || typeof cell === "boolean") return Number(cell);
  throw new TypeError(`column ${JSON.stringify(column)}: give a number`);
}

function textOf(row, column) {
  const cell = cellOf(row, column);
  if (cell === null || cell === undefined || Number.isNaN(cell)) return "";
  if (typeof cell === "number" && !Number.isSafeInteger(cell))
    throw new TypeError(`column ${JSON.stringify(column)}: write the number as text`);
  const signs = String(cell);
  let begin = 0;
  let end = signs.length;
  while (begin < end && AROUND.includes(signs[begin])) begin += 1;
  while (begin < end && AROUND.includes(signs[end - 1])) end -= 1;
  const text = signs.slice(begin, end);
  return MISSING.has(text.toLowerCase()) ? "" : text;
}

function levelOf(row, column, levels) {
  const text = textOf(row, column);
  if (!text) return NaN;
  const whole = /^(-?(?:0|[1-9][0-9]*))\.0+$/.exec(text);
  return levels.get(text) ?? (whole ? levels.get(whole[1]) : undefined) ?? 0;
}

function filledOf(row, column) {
  return textOf(row, column) ? 0 : NaN;
}

const e0_0_column = [
    0, 2, 3, 0, 0, 2, 2,
];
const e0_0_median = floats("zczMzMzMI0AAAAAAgKbTQAAAAAAAAOA/zczMzMzMI0DNzMzMzMwjQAAAAACAptNAAAAAAICm00A=", 8);
const e0_0_start = floats("zczMzMzMI0AAAAAAgKbTQAAAAAAAAOA/ZmZmZmZm/j/NzMzMzMwjQAAAAAAARNNAAAAAAICm00A=", 8);
const e0_0_per_unit = floats("MG9nSMzbuT+8PeVANPhKP1VVVVVVVdU/AAAAAAAAwD8VO7ETO7HDP26vJYe4ymQ/4uq4KZ97YD8=", 8);
const e0_0_least = floats("AAAAAITXl8EAAAAAhNeXwQAAAACE15fBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 8);
const e0_0_most = floats("AAAAAITXl0EAAAAAhNeXQQAAAACE15dBAAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8=", 8);
const e0_0_shift = floats("AAAAAAAA8L8AAAAAAAAAAP///////++/AAAAAAAAAAA=", 8);
const e0_0_scale = floats("AAAAAAAA0D8AAAAAAADQPwAAAAAAANA/AAAAAAAA0D8=", 8);
const e0_1_column = [
    1, 1, 1,
];
const e0_1_of_missing = floats("AAAAAAAAEEAAAAAAAAAQQAAAAAAAABBA", 8);
const e0_1_step = [
    3, 3, 3,
];
const e0_1_first = [
    0, 1, 2,
];
const e0_1_table = floats("AAAAAAAAAAAAAAAAAAAAAJVtbBOdW+6/lW1sE51b7j8AAAAAAAAAAJVtbBOdW+6/AAAAAAAAAADg3FnwJ6D6P5VtbBOdW+6/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 8);
const e0_3_column = [
    0, 1,
];
const w0_0 = floats("gFvUJ+QC479xQhnjpRXxv70WK+J/oOe/TXZc3RY/kT+EhnrvYO7FPyeiVzyndKk/8Zkkm+mSsz8KOMj8Moe8P92j580flbC/hi6VvdNC77+dfz/QPQC8P0+OtjRljbs/bTdQ08Wdrz/p9XTqcI/Ev6AlqMHGtMU/whwnmASnvj+c3oyEXmiJPxVSInfwQdg/qQ5JpGzBub/vtk6RFwizv4jlNX9CM7Q/f3AbtCufyL9hRgB+TwGTv9nOaBF7Vb0/Pi7+PoOVyD9x5jnTGVunPzMQftwbdLq//eyOtTbFvL9YPgtkquSpP1aUIGz1ntG/Kc/cAUTAor/wtJBl9R3Nv1uPrbYSJbc/y8w3CsVfkz8t2XI/25rFP0W/HZABSru/a0kTdJZxxL9YLKwHEF2zv7X8M+imt7i/2PRy9e09vz+g0q0FzXOrPysmDS/wiLi//NGdCBJmvr94W2KOKKm+v93VYtBaj7O/0ZqTPs42mr8BWT7+bB/CP63iQ7tsBdI/1rmdTojghb/uERjqL9a0v4A24BDa9bo/VLefkZAZub8yiBRn5/LEP1R/OSo6MdO/7wevUWre0z/tI30OKymeP1oTwB4k7L2/d+q9Xf7w7L8uOuXwrYmdvzZkj4PLztA/gLJB/L2Ytb/7+WMPgyjJP41NQJgfc8k/", 8);
const b0_0 = floats("a4h4bcqcnT94cgLOElW9Pw4eAlswq6O/", 8);
const w0_1 = floats("sXGDEBMN8T8tT4CvVDL4v2sALE3psPO/Ah8Fe3NS1j8Z/flFebzYv/sAsjnOSee/nunfQ97x87/IxDTDUMbTvxZ8DVIQ+OS/", 8);
const b0_1 = floats("pB9UA4N1p783fo4alcp8v2jCBR9tvqo/", 8);
const costs = floats("AAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/", 8);

function f_from_median(share, shift, scale) {
    return (share + shift) * scale;
}

function f_joined_others(top, others, z) {
    return (others * Math.exp((top - Math.max(top, z)))) + Math.exp((-Math.abs((z - top))));
}

function f_joined_top(top, z) {
    return Math.max(top, z);
}

function f_mish(z) {
    let t4 = -Math.min(Math.abs(z), 800.0);
    let t5 = Math.exp(t4);
    let t7 = z < 0.0;
    let t17 = 1.0 + t5;
    return (t7 ? ((t4 * t5) * (t5 + 2.0)) : (z * (1.0 + (2.0 * t5)))) / ((t17 * t17) + (t7 ? 1.0 : (t5 * t5)));
}

function f_ramp(value, start, per_unit, least, most) {
    return Math.min(Math.max(((value - start) * per_unit), least), most);
}

function f_share(z, others) {
    return Math.exp(z) / (1.0 + others);
}

function f_smooth(third) {
    return (third / Math.sqrt((1.0 + (third * third)))) * 3.0;
}

function f_weekday_mark(days, weekday) {
    let t4 = Math.floor(days) + 3.0;
    return ((t4 - (7.0 * Math.floor((t4 / 7.0)))) == weekday) ? 1.6641005886756874 : 0.0;
}

function f_within_years(days) {
    return Math.min(Math.max(days, (-719162.0)), 2932897.0);
}

function f_year_cosine(days) {
    return Math.cos((0.017202777078734226 * (days - 10957.0)));
}

function f_year_sine(days) {
    return Math.sin((0.017202777078734226 * (days - 10957.0)));
}

/** The answers for a row, an object with a cell for each column; null is missing. */
export function predict(row) {
    const v = new Float64Array(4).fill(NaN);
    const p = new Array(3).fill(0);
    v[0] = numberOf(row, "size");
    v[1] = levelOf(row, "town", levels_1);
    v[2] = numberOf(row, "seen");
    v[3] = numberOf(row, "kept");
    let odd = 0.0;
    if (Math.abs(v[0]) > 1e+300) {
        odd = 1.0;
    }
    if (Math.abs(v[2]) > 1e+300) {
        odd = 1.0;
    }
    if (Math.abs((v[3] * (v[3] - 1.0))) > 0.0) {
        odd = 1.0;
    }
    const a = new Float64Array(21);
    const b = new Float64Array(21);
    const z = new Float64Array(3);
    for (let k = 0; k < 3; k += 1) {
        let value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]));
    }
    for (let k = 3; k < 7; k += 1) {
        let value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 3], e0_0_scale[k - 3]);
    }
    for (let k = 0; k < 3; k += 1) {
        a[7 + k] = e0_1_table[e0_1_first[k] + (e0_1_step[k] * (((v[e0_1_column[k]] == v[e0_1_column[k]]) ? v[e0_1_column[k]] : e0_1_of_missing[k])))];
    }
    a[10] = (v[2] == v[2]) ? f_year_sine(f_within_years(v[2])) : 0.0;
    a[11] = (v[2] == v[2]) ? f_year_cosine(f_within_years(v[2])) : 0.0;
    a[12] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 0.0) : 0.0;
    a[13] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 1.0) : 0.0;
    a[14] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 2.0) : 0.0;
    a[15] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 3.0) : 0.0;
    a[16] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 4.0) : 0.0;
    a[17] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 5.0) : 0.0;
    a[18] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 6.0) : 0.0;
    for (let k = 0; k < 2; k += 1) {
        a[19 + k] = (v[e0_3_column[k]] == v[e0_3_column[k]]) ? 0.0 : 1.0;
    }
    for (let k = 0; k < 3; k += 1) b[k] = b0_0[k];
    for (let i = 0; i < 21; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        b[k] += w0_0[i * 3 + k] * s;
    }
    for (let k = 0; k < 3; k += 1) b[k] = f_mish(b[k]);
    for (let k = 0; k < 3; k += 1) a[k] = b0_1[k];
    for (let i = 0; i < 3; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        a[k] += w0_1[i * 3 + k] * s;
    }
    z[0] = a[0];
    z[1] = a[1];
    z[2] = a[2];
    let sum0_top = z[0];
    let sum0_others = 0.0;
    sum0_others = f_joined_others(sum0_top, sum0_others, z[1]);
    sum0_top = f_joined_top(sum0_top, z[1]);
    sum0_others = f_joined_others(sum0_top, sum0_others, z[2]);
    sum0_top = f_joined_top(sum0_top, z[2]);
    p[0] = f_share(z[0] - sum0_top, sum0_others);
    p[1] = f_share(z[1] - sum0_top, sum0_others);
    p[2] = f_share(z[2] - sum0_top, sum0_others);
    if (odd > 0.0) {
        for (let k = 0; k < 3; k += 1) {
            p[k] = NaN;
        }
    }
    return p;
}

function placeOf(p) {
    if ((p[0] == p[0]) == 0.0) {
        return -1;
    }
    let best = p[0] * costs[0];
    let place = 0.0;
    for (let k = 1; k < 3; k += 1) {
        if ((p[k] * costs[k]) > best) {
            best = p[k] * costs[k];
            place = k + 0.0;
        }
    }
    return place;
}

/** The label for what predict gave; null if that is NaN. */
export function label(answers) {
    return labels[placeOf(answers)] ?? null;
}
