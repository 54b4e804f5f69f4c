# Exported by thalweg 0.1.0 from the model with the seal none.
# SHA-256 of its training rows: 5390aeb69ad14b818ff9902ae2349e9efd3f0d92cc041775b129f3228cb36acf.
# This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
#
# It takes:
#   "size": number
#   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
#   "crp": number
#   "asked": text, one of 2 levels: "no", "yes"
#   "name": text, of which only counts whether it is missing
#   "crp: bound": -1, 0 or 1: whether the number is a bound
#
# It gives:
#   the probabilities of "high", "low", "mid", in this order, and a label: the class with the largest product of probability and cost
#
# A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
# Numbers are not read from text: units, decimal commas and bounds are for the caller.
# A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
# A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
# A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
# A level that the model does not know counts as some other, rare level.
# A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
# Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.

import base64
import math
import re
import struct
from operator import mul as _times

_nan, _inf = float("nan"), float("inf")
_AROUND = '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff'
_MISSING = {'', '?', 'n/a', 'na', 'nan', 'null'}

COLUMNS = ['size', 'town', 'crp', 'asked', 'name', 'crp: bound']
ANSWERS = ['high', 'low', 'mid']
LABELS = ['high', 'low', 'mid']
_CODES = {
    'town': {'Bern': 1, 'Oslo': 2, 'Z\xfcrich': 3},
    'asked': {'NO': 1, 'No': 1, 'YES': 2, 'Yes': 2, 'no': 1, 'yes': 2},
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
    if not hasattr(cell, "__float__"):
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
    0, 2, 4, 5, 0, 0, 2, 2,
]
e0_0_median = [
    9.9, 8.5, 0.0, 0.0, 9.9, 9.9, 8.5, 8.5,
]
e0_0_start = [
    9.9, 8.5, 0.0, 0.0, 1.9, 9.9, 0.0, 8.5,
]
e0_0_per_unit = [
    0.101010101010101, 0.031007751937984496, 0.0, 0.6666666666666666, 0.125, 0.15384615384615388,
    0.11764705882352941, 0.09090909090909091,
]
e0_0_least = [
    (-100000000.0), (-100000000.0), (-100000000.0), (-100000000.0), 0.0, 0.0, 0.0, 0.0,
]
e0_0_most = [
    100000000.0, 100000000.0, 100000000.0, 100000000.0, 1.0, 1.0, 1.0, 1.0,
]
e0_0_shift = [
    (-1.0), 0.0, (-1.0), 0.0,
]
e0_0_scale = [
    0.25, 0.25, 0.25, 0.25,
]
e0_1_column = [
    1, 1, 1, 3,
]
e0_1_of_missing = [
    4.0, 4.0, 4.0, 3.0,
]
e0_1_step = [
    3, 3, 3, 1,
]
e0_1_first = [
    0, 1, 2, 15,
]
e0_1_table = [
    0.0, 0.0, (-0.9486833214759827), 0.9486833214759827, 0.0, (-0.9486833214759827), 0.0,
    1.6641006469726562, (-0.9486833214759827), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    (-0.493196964263916), 0.493196964263916, 0.0,
]
e0_2_column = [
    0, 1, 3, 4,
]
w0_0 = [
    (-0.6552935838699341), (-0.2994031608104706), 0.8995471000671387, 0.012105676345527172,
    0.0008573976228944957, (-0.10373395681381226), 0.028138453140854836, 0.07792744040489197,
    0.0067892600782215595, (-0.17664223909378052), (-0.15810362994670868), (-0.09594149142503738),
    0.07489407062530518, (-0.10009576380252838), 0.0705786943435669, (-0.013238497078418732),
    (-0.15902139246463776), (-0.06827527284622192), (-0.06641076505184174), 0.11759218573570251,
    0.04818456992506981, (-0.08821135014295578), 0.08343628793954849, 0.01237256545573473,
    0.09271472692489624, 0.0460348017513752, 0.07966049015522003, (-0.06013214960694313),
    (-0.16283579170703888), 0.09533337503671646, (-0.009577181190252304), 0.04887615516781807,
    (-0.23764663934707642), 0.004724489059299231, (-0.1855514496564865), 0.019208472222089767,
    (-0.14141727983951569), (-0.07206688076257706), (-0.030140697956085205), 0.026915723457932472,
    0.02140921913087368, 0.027459241449832916, (-0.11011271178722382), 0.067318394780159,
    0.25481289625167847, 0.06761441379785538, (-0.03450580686330795), 0.18518471717834473,
]
b0_0 = [
    0.041558459401130676, (-0.05851379781961441), 0.11180325597524643,
]
w0_1 = [
    0.35816359519958496, 0.0, 0.546794056892395, 0.0, (-0.22374917566776276), 0.0,
]
b0_1 = [
    (-0.7075527906417847), 1.130976915359497,
]
e1_0_column = [
    0, 2, 4, 5, 0, 0, 2, 2,
]
e1_0_median = [
    9.9, 8.5, 0.0, 0.0, 9.9, 9.9, 8.5, 8.5,
]
e1_0_start = [
    9.9, 8.5, 0.0, 0.0, 1.9, 9.9, 0.0, 8.5,
]
e1_0_per_unit = [
    0.101010101010101, 0.031007751937984496, 0.0, 0.6666666666666666, 0.125, 0.15384615384615388,
    0.11764705882352941, 0.09090909090909091,
]
e1_0_least = [
    (-100000000.0), (-100000000.0), (-100000000.0), (-100000000.0), 0.0, 0.0, 0.0, 0.0,
]
e1_0_most = [
    100000000.0, 100000000.0, 100000000.0, 100000000.0, 1.0, 1.0, 1.0, 1.0,
]
e1_0_shift = [
    (-1.0), 0.0, (-1.0), 0.0,
]
e1_0_scale = [
    0.25, 0.25, 0.25, 0.25,
]
e1_1_column = [
    1, 1, 1, 3,
]
e1_1_of_missing = [
    4.0, 4.0, 4.0, 3.0,
]
e1_1_step = [
    3, 3, 3, 1,
]
e1_1_first = [
    0, 1, 2, 15,
]
e1_1_table = [
    0.0, 0.0, (-0.9486833214759827), 0.9486833214759827, 0.0, (-0.9486833214759827), 0.0,
    1.6641006469726562, (-0.9486833214759827), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    (-0.493196964263916), 0.493196964263916, 0.0,
]
e1_2_column = [
    0, 1, 3, 4,
]
w1_0 = [
    0.04186052083969116, (-0.006871458142995834), (-0.011719897389411926), 0.1347767561674118,
    0.040646992623806, 0.2270660251379013, (-0.08932223170995712), (-0.0824253037571907),
    (-0.11535612493753433), 0.07573152333498001, (-0.30752038955688477), 0.03814970701932907,
    (-0.11744064092636108), 0.16055259108543396, (-0.16223697364330292), (-0.17023341357707977),
    (-0.5043861269950867), (-0.5389897227287292), (-0.017983166500926018), 0.10673854500055313,
    (-0.05135428160429001), 0.045718949288129807, 0.04846077784895897, 0.1830834150314331,
    0.12829579412937164, 0.31873875856399536, (-0.19230866432189941), 0.0663238987326622,
    0.0757281705737114, (-0.09675624966621399), 0.05611658841371536, (-0.048567235469818115),
    (-0.3545220196247101), 0.03630808740854263, 0.17377234995365143, 0.05421208590269089,
    (-0.038728367537260056), (-0.2665586471557617), (-0.08695568889379501), 0.05564309284090996,
    0.02631802298128605, (-0.13561378419399261), 0.03649546578526497, 0.11849894374608994,
    (-0.33680111169815063), (-0.058591004461050034), (-0.03560580313205719),
    (-0.011850157752633095),
]
b1_0 = [
    0.016747506335377693, (-0.04872661828994751), (-0.021767163649201393),
]
w1_1 = [
    (-0.39028072357177734), 0.0, 0.705168604850769, 0.0, 1.183166265487671, 0.0,
]
b1_1 = [
    (-0.7140929698944092), 1.049493432044983,
]
costs = [
    1.0, 1.0, 1.0,
]
w0_0 = _rows(w0_0, 3)
w0_1 = _rows(w0_1, 2)
w1_0 = _rows(w1_0, 3)
w1_1 = _rows(w1_1, 2)

def f_from_median(share, shift, scale):
    return (share + shift) * scale


def f_link(z):
    t3 = _exp((-abs(z)))
    return _divided((t3 if (z < 0.0) else 1.0), (1.0 + t3))


def f_ramp(value, start, per_unit, least, most):
    return min(max(((value - start) * per_unit), least), most)


def f_risen(below, z):
    return below + (max(z, 0.0) + _log1p(_exp((-abs(z)))))


def f_silu(z):
    t4 = -min(abs(z), 800.0)
    t5 = _exp(t4)
    return _divided(((t4 * t5) if (z < 0.0) else z), (1.0 + t5))


def f_smooth(third):
    return _divided(third, math.sqrt((1.0 + (third * third)))) * 3.0


def predict(row):
    """The probabilities, in the order of LABELS, of a row: a dict with a cell for each of COLUMNS; None is missing."""
    v, p = [_nan] * 6, [0.0] * 3
    v[0] = _value(row, 'size')
    v[1] = _level(row, 'town')
    v[2] = _value(row, 'crp')
    v[3] = _level(row, 'asked')
    v[4] = _filled(row, 'name')
    v[5] = _value(row, 'crp: bound')
    odd = 0.0
    if abs(v[0]) > 1e+300:
        odd = 1.0
    if abs(v[2]) > 1e+300:
        odd = 1.0
    if abs(v[5]) > 1e+300:
        odd = 1.0
    a = [0.0] * 16
    b = [0.0] * 16
    z = [0.0] * 4
    for k in range(0, 4):
        value = v[e0_0_column[k]] if (v[e0_0_column[k]] == v[e0_0_column[k]]) else e0_0_median[k]
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]))
    for k in range(4, 8):
        value = v[e0_0_column[k]] if (v[e0_0_column[k]] == v[e0_0_column[k]]) else e0_0_median[k]
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 4], e0_0_scale[k - 4])
    for k in range(0, 4):
        a[8 + k] = e0_1_table[e0_1_first[k] + (e0_1_step[k] * int((v[e0_1_column[k]] if (v[e0_1_column[k]] == v[e0_1_column[k]]) else e0_1_of_missing[k])))]
    for k in range(0, 4):
        a[12 + k] = 0.0 if (v[e0_2_column[k]] == v[e0_2_column[k]]) else 1.0
    b[:3] = [f_silu(c + sum(map(_times, w, a))) for w, c in zip(w0_0, b0_0)]
    a[:2] = [c + sum(map(_times, w, b)) for w, c in zip(w0_1, b0_1)]
    z[0] = a[0]
    z[1] = a[1]
    for k in range(0, 4):
        value = v[e1_0_column[k]] if (v[e1_0_column[k]] == v[e1_0_column[k]]) else e1_0_median[k]
        a[k] = f_smooth(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]))
    for k in range(4, 8):
        value = v[e1_0_column[k]] if (v[e1_0_column[k]] == v[e1_0_column[k]]) else e1_0_median[k]
        a[k] = f_from_median(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]), e1_0_shift[k - 4], e1_0_scale[k - 4])
    for k in range(0, 4):
        a[8 + k] = e1_1_table[e1_1_first[k] + (e1_1_step[k] * int((v[e1_1_column[k]] if (v[e1_1_column[k]] == v[e1_1_column[k]]) else e1_1_of_missing[k])))]
    for k in range(0, 4):
        a[12 + k] = 0.0 if (v[e1_2_column[k]] == v[e1_2_column[k]]) else 1.0
    b[:3] = [f_silu(c + sum(map(_times, w, a))) for w, c in zip(w1_0, b1_0)]
    a[:2] = [c + sum(map(_times, w, b)) for w, c in zip(w1_1, b1_1)]
    z[2] = a[0]
    z[3] = a[1]
    c0_0 = z[0]
    c0_1 = f_risen(c0_0, z[1])
    c1_0 = z[2]
    c1_1 = f_risen(c1_0, z[3])
    p[0] = f_link(-c0_1)
    p[1] = f_link(c0_0)
    p[2] = (f_link(c0_1) * f_link(z[1])) * f_link(-c0_0)
    p[0] = p[0] + f_link(-c1_1)
    p[1] = p[1] + f_link(c1_0)
    p[2] = p[2] + ((f_link(c1_1) * f_link(z[3])) * f_link(-c1_0))
    for k in range(0, 3):
        p[k] = _divided(p[k], 2.0)
    if odd > 0.0:
        for k in range(0, 3):
            p[k] = _nan
    return p


def _place(p):
    if (p[0] == p[0]) == 0.0:
        return -1
    best = p[0] * costs[0]
    place = 0.0
    for k in range(1, 3):
        if (p[k] * costs[k]) > best:
            best = p[k] * costs[k]
            place = k + 0.0
    return int(place)


def label(answers):
    """The label for what predict gave; None if that is NaN."""
    place = _place(answers)
    return LABELS[place] if place >= 0 else None
