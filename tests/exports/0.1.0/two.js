// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: bef0a3fc163b001577543aca5971fa6d9a96daafb8721ffad8245348d731b244.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
//   "seen": days since 1970-01-01
//   "kept": 1, 0 or NaN
//
// It gives:
//   the probabilities of "no", "yes", in this order, and a label: "yes" if its probability is above 0.25
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
// A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
// Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.

export const columns = ["size", "town", "seen", "kept"];
export const answers = ["no", "yes"];
export const labels = ["no", "yes"];
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
const e0_0_median = floats("mpmZmZmZI0AAAAAAoKLTQAAAAAAAAAAAmpmZmZmZI0CamZmZmZkjQAAAAACgotNAAAAAAKCi00A=", 8);
const e0_0_start = floats("mpmZmZmZI0AAAAAAoKLTQAAAAAAAAAAAMzMzMzMzEUCamZmZmZkjQAAAAABASNNAAAAAAKCi00A=", 8);
const e0_0_per_unit = floats("F2zBFmzBtj88R1etYx5PP1VVVVVVVdU/RRdddNFFxz8URVEURVHEPxdAqRZAqWY/+B+A/wH4Xz8=", 8);
const e0_0_least = floats("AAAAAITXl8EAAAAAhNeXwQAAAACE15fBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 8);
const e0_0_most = floats("AAAAAITXl0EAAAAAhNeXQQAAAACE15dBAAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8=", 8);
const e0_0_shift = floats("AAAAAAAA8L8AAAAAAAAAAAAAAAAAAPC/AAAAAAAAAAA=", 8);
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
const e0_1_table = floats("AAAAAAAAAAAAAAAA6dxyPwAAAAAAAAAAAAAAAOnccj8AAAAAAAAAAAAAAADp3HI/AAAAAAAAAAAAAAAA", 4);
const e0_3_column = [
    0, 1,
];
const w0_0 = floats("jsofPdIaST8vZrO8IgZLvsoyJ75VF8g9sloYvqtUr74+mQY+0xGaPcQQuL5QCXU9Yx2FvU3kiD7tdnY+TBR8vt7Hob0jzDI9KEVoPTARCL1fWHq+sVbSPghQl74iibK9AsmDPvo3mj4Q4Tw++UFkvl0PPj0ByGM/fg03PsR1uT5PVjg9KG23vavOBL5Ey5G+gwM5PBs8Db3JIg4+tYD/Puxwoj1H/Gu+c/JnPbndIb4g9Ta/xRGHPJEGr7uGc5W+eoC9Pk1hNj6Kd/C+C0IdPgMZ6r5uAcO8KeidPmjTUT5j7Ou9ArsFvVYa/LwDM5C94iG9PRLn1zvCkfa9", 4);
const b0_0 = floats("qjJ9PQPijj0LVFk9", 4);
const w0_1 = floats("0rETP3drpT+g6L4/", 4);
const b0_1 = floats("cQqNPQ==", 4);
const e1_0_column = [
    0, 2, 3, 0, 0, 2, 2,
];
const e1_0_median = floats("zczMzMzMI0AAAAAAYK7TQAAAAAAAAPA/zczMzMzMI0DNzMzMzMwjQAAAAABgrtNAAAAAAGCu00A=", 8);
const e1_0_start = floats("zczMzMzMI0AAAAAAYK7TQAAAAAAAAPA/ZmZmZmZm/j/NzMzMzMwjQAAAAAAARNNAAAAAAGCu00A=", 8);
const e1_0_per_unit = floats("+c3Wod9svT+DjvaMKfpFP1VVVVVVVdU/AAAAAAAAwD8VO7ETO7HDP9N2F0atQGM/0Bh3CI+uYj8=", 8);
const e1_0_least = floats("AAAAAITXl8EAAAAAhNeXwQAAAACE15fBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 8);
const e1_0_most = floats("AAAAAITXl0EAAAAAhNeXQQAAAACE15dBAAAAAAAA8D8AAAAAAADwPwAAAAAAAPA/AAAAAAAA8D8=", 8);
const e1_0_shift = floats("AAAAAAAA8L8AAAAAAAAAAAAAAAAAAPC/AAAAAAAAAAA=", 8);
const e1_0_scale = floats("AAAAAAAA0D8AAAAAAADQPwAAAAAAANA/AAAAAAAA0D8=", 8);
const e1_1_column = [
    1, 1, 1,
];
const e1_1_of_missing = floats("AAAAAAAAEEAAAAAAAAAQQAAAAAAAABBA", 8);
const e1_1_step = [
    3, 3, 3,
];
const e1_1_first = [
    0, 1, 2,
];
const e1_1_table = floats("AAAAAAAAAADp3HK/6dxyPwAAAADp3HK/AAAAAEAB1T/p3HK/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 4);
const e1_3_column = [
    0, 1,
];
const w1_0 = floats("SjlXvCpywb6hix6+0t6YvuAGkr2G1qm9kLqBPnpo2r54ave8yXFguzVlkr6IWYw+uBA2vC/iCT6i6zM+L+3vPSNHlb45Pku+uzvfPQdKtD5QeDQ8Yaz6PDf3kL4UdVM+rqo7vST99b03H18+JGmBPunU+T2TZNG8vBizPYexFb8Ax5U+094Jvon9Rr3nZTs9ehVdvpJWtz0oGzi+FmHAPDC6ED7Yqm+8T4HFPmq30j3FNE+9bDzhPfKfKr95DZ0+yTpevicC6b4Envg9CaNAvviaHD7uarw+T5T8uyGBrz4OcI+9SwGzva8qwD7N3EW+mhOHvvck7j6FMRs+", 4);
const b1_0 = floats("8HqVvNRfcL1mRo49", 4);
const w1_1 = floats("AyNKPWv1Br+FlOY/", 4);
const b1_1 = floats("WY2MPQ==", 4);

function f_from_median(share, shift, scale) {
    return (share + shift) * scale;
}

function f_joined_others(top, others, z) {
    return (others * Math.exp((top - Math.max(top, z)))) + Math.exp((-Math.abs((z - top))));
}

function f_joined_top(top, z) {
    return Math.max(top, z);
}

function f_link(z) {
    let t3 = Math.exp((-Math.abs(z)));
    return ((z < 0.0) ? t3 : 1.0) / (1.0 + t3);
}

function f_log_of_sum(top, others) {
    return top + Math.log1p(others);
}

function f_minus_log_likely(z) {
    return (Math.max(z, 0.0) - (1.0 * z)) + Math.log1p(Math.exp((-Math.abs(z))));
}

function f_minus_log_unlikely(z) {
    return (Math.max(z, 0.0) - (0.0 * z)) + Math.log1p(Math.exp((-Math.abs(z))));
}

function f_ramp(value, start, per_unit, least, most) {
    return Math.min(Math.max(((value - start) * per_unit), least), most);
}

function f_relu(z) {
    return Math.max(z, 0.0);
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
    const p = new Array(2).fill(0);
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
    const z = new Float64Array(2);
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
    for (let k = 0; k < 3; k += 1) b[k] = f_relu(b[k]);
    for (let k = 0; k < 1; k += 1) a[k] = b0_1[k];
    for (let i = 0; i < 3; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 1; k += 1)
        a[k] += w0_1[i * 1 + k] * s;
    }
    z[0] = a[0] - 1.0986122886681098;
    for (let k = 0; k < 3; k += 1) {
        let value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_smooth(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]));
    }
    for (let k = 3; k < 7; k += 1) {
        let value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_from_median(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]), e1_0_shift[k - 3], e1_0_scale[k - 3]);
    }
    for (let k = 0; k < 3; k += 1) {
        a[7 + k] = e1_1_table[e1_1_first[k] + (e1_1_step[k] * (((v[e1_1_column[k]] == v[e1_1_column[k]]) ? v[e1_1_column[k]] : e1_1_of_missing[k])))];
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
        a[19 + k] = (v[e1_3_column[k]] == v[e1_3_column[k]]) ? 0.0 : 1.0;
    }
    for (let k = 0; k < 3; k += 1) b[k] = b1_0[k];
    for (let i = 0; i < 21; i += 1) {
      const s = a[i];
      if (s !== 0) for (let k = 0; k < 3; k += 1)
        b[k] += w1_0[i * 3 + k] * s;
    }
    for (let k = 0; k < 3; k += 1) b[k] = f_relu(b[k]);
    for (let k = 0; k < 1; k += 1) a[k] = b1_1[k];
    for (let i = 0; i < 3; i += 1) {
      const s = b[i];
      if (s !== 0) for (let k = 0; k < 1; k += 1)
        a[k] += w1_1[i * 1 + k] * s;
    }
    z[1] = a[0] - 1.0986122886681098;
    let minus_log_likely_sum_top = -f_minus_log_likely(z[0]);
    let minus_log_likely_sum_others = 0.0;
    minus_log_likely_sum_others = f_joined_others(minus_log_likely_sum_top, minus_log_likely_sum_others, -f_minus_log_likely(z[1]));
    minus_log_likely_sum_top = f_joined_top(minus_log_likely_sum_top, -f_minus_log_likely(z[1]));
    let minus_log_likely_sum = f_log_of_sum(minus_log_likely_sum_top, minus_log_likely_sum_others);
    let minus_log_unlikely_sum_top = -f_minus_log_unlikely(z[0]);
    let minus_log_unlikely_sum_others = 0.0;
    minus_log_unlikely_sum_others = f_joined_others(minus_log_unlikely_sum_top, minus_log_unlikely_sum_others, -f_minus_log_unlikely(z[1]));
    minus_log_unlikely_sum_top = f_joined_top(minus_log_unlikely_sum_top, -f_minus_log_unlikely(z[1]));
    let minus_log_unlikely_sum = f_log_of_sum(minus_log_unlikely_sum_top, minus_log_unlikely_sum_others);
    let moved = 0.3751981704993573 + (0.13242520847593037 * (minus_log_likely_sum - minus_log_unlikely_sum));
    p[0] = f_link(-moved);
    p[1] = f_link(moved);
    if (odd > 0.0) {
        for (let k = 0; k < 2; k += 1) {
            p[k] = NaN;
        }
    }
    return p;
}

function placeOf(p) {
    if ((p[0] == p[0]) == 0.0) {
        return -1;
    }
    if (p[1] > 0.25) {
        return 1;
    }
    return 0;
}

/** The label for what predict gave; null if that is NaN. */
export function label(answers) {
    return labels[placeOf(answers)] ?? null;
}
