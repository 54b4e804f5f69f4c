# Exported by thalweg 0.1.0 from the model with the seal none.
# SHA-256 of its training rows: 6770cc07609be08f0eba87724aeb679f39fd4ddde5654045be165cd342d4f438.
# This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
#
# It takes:
#   "size": number
#   "kept": 1, 0 or NaN
#   "years": number, the offset or exposure of the row
#
# It gives:
#   the predicted number
#
# A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
# Numbers are not read from text: units, decimal commas and bounds are for the caller.
# A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
# Its answers are those of the model to 2e-06 of the size of the answer or of the spread of the target, because the weights are float32 numbers and sums have another order.

import base64
import math
import re
import struct
from operator import mul as _times

_nan, _inf = float("nan"), float("inf")
_AROUND = '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff'
_MISSING = {'', '?', 'n/a', 'na', 'nan', 'null'}

COLUMNS = ['size', 'kept', 'years']
ANSWERS = ['value']
_CODES = {
}


def _divided(a, b):
    return a / b if b else a * _inf


def _exp(x):
    try:
        return math.exp(x)
    except OverflowError:
        return _inf


def _expm1(x):
    try:
        return math.expm1(x)
    except OverflowError:
        return _inf


def _log1p(x):
    return math.log1p(x) if x > -1.0 else -_inf


def _floor(x):
    return float(math.floor(x)) if abs(x) < 1e300 else x


def _sign(x):
    return float((x > 0.0) - (x < 0.0))


def _floats(text, form):
    data = base64.b64decode(text)
    return struct.unpack("<%d%s" % (len(data) // struct.calcsize(form), form), data)


def _rows(W, n):
    return [W[k::n] for k in range(n)]


def _value(row, column):
    cell = row[column]
    if cell is None or (isinstance(cell, str) and not cell):
        return _nan
    if not isinstance(cell, (bool, int, float)):
        raise TypeError("column %r: give a number, and not %r" % (column, cell))
    try:
        return float(cell)
    except OverflowError:
        return _inf


def _text(row, column):
    cell = row[column]
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell == int(cell) and abs(cell) < 2.0**53:
        cell = int(cell)
    text = str(cell).strip(_AROUND)
    return "" if text.lower() in _MISSING else text


def _level(row, column):
    text = _text(row, column)
    if not text:
        return _nan
    codes = _CODES[column]
    whole = re.match(r"(-?(?:0|[1-9][0-9]*))\.0+\Z", text)
    return float(codes.get(text, codes.get(whole.group(1), 0) if whole else 0))


def _filled(row, column):
    return 0.0 if _text(row, column) else _nan


e0_0_column = [
    0, 1, 0, 0,
]
e0_0_median = [
    9.7, 0.0, 9.7, 9.7,
]
e0_0_start = [
    9.7, 0.0, 1.9, 9.7,
]
e0_0_per_unit = [
    0.10416666666666667, 0.3333333333333333, 0.12820512820512822, 0.1492537313432836,
]
e0_0_least = [
    (-100000000.0), (-100000000.0), 0.0, 0.0,
]
e0_0_most = [
    100000000.0, 100000000.0, 1.0, 1.0,
]
e0_0_shift = [
    (-1.0), 0.0,
]
e0_0_scale = [
    0.25, 0.25,
]
e0_1_column = [
    0,
]
w0_0 = [
    (-0.08858289569616318), (-0.004803942050784826), 0.011771146208047867, (-0.019681788980960846),
    (-0.11145930737257004), 0.011964680626988411, 0.08260774612426758, (-0.1306474506855011),
    (-0.21153835952281952), (-0.24613089859485626), 0.12158454954624176, (-0.008392437361180782),
    0.12305960059165955, (-0.1176924780011177), (-0.12886346876621246),
]
b0_0 = [
    (-0.04868179187178612), 0.020781785249710083, 0.054029226303100586,
]
w0_1 = [
    0.06116381660103798, (-0.023542562499642372), 0.039533745497465134,
]
b0_1 = [
    (-0.021992694586515427),
]
w0_0 = _rows(w0_0, 3)
w0_1 = _rows(w0_1, 1)

def f_from_median(share, shift, scale):
    return (share + shift) * scale


def f_link(z):
    return _exp(z)


def f_ramp(value, start, per_unit, least, most):
    return min(max(((value - start) * per_unit), least), most)


def f_smooth(third):
    return _divided(third, math.sqrt((1.0 + (third * third)))) * 3.0


def f_tanh(z):
    t6 = _expm1(((-2.0) * min(abs(z), 50.0)))
    t9 = _divided(t6, (t6 + 2.0))
    return t9 if (z < 0.0) else (-t9)


def predict(row):
    """The predicted number of a row: a dict with a cell for each of COLUMNS; None is missing."""
    v, p = [_nan] * 3, [0.0] * 1
    v[0] = _value(row, 'size')
    v[1] = _value(row, 'kept')
    v[2] = _value(row, 'years')
    odd = 0.0
    if abs(v[0]) > 1e+300:
        odd = 1.0
    if abs((v[1] * (v[1] - 1.0))) > 0.0:
        odd = 1.0
    a = [0.0] * 5
    b = [0.0] * 5
    z = [0.0] * 1
    for k in range(0, 2):
        value = v[e0_0_column[k]] if (v[e0_0_column[k]] == v[e0_0_column[k]]) else e0_0_median[k]
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]))
    for k in range(2, 4):
        value = v[e0_0_column[k]] if (v[e0_0_column[k]] == v[e0_0_column[k]]) else e0_0_median[k]
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 2], e0_0_scale[k - 2])
    for k in range(0, 1):
        a[4 + k] = 0.0 if (v[e0_1_column[k]] == v[e0_1_column[k]]) else 1.0
    b[:3] = [f_tanh(c + sum(map(_times, w, a))) for w, c in zip(w0_0, b0_0)]
    a[:1] = [c + sum(map(_times, w, b)) for w, c in zip(w0_1, b0_1)]
    z[0] = a[0]
    p[0] = min(max((0.0 + (2.0800000000172156 * f_link(z[0]))), 0.0), 9.51612903552543)
    if ((v[2] >= 1.3838965267367376e-87) * (v[2] <= 7.225973768125749e+86)) == 0.0:
        odd = 1.0
    for k in range(0, 1):
        p[k] = p[k] * v[2]
    if odd > 0.0:
        for k in range(0, 1):
            p[k] = _nan
    return p[0]
