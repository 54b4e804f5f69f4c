# Exported by thalweg 0.1.0 from the model with the seal none.
# SHA-256 of its training rows: ae4c3e17a9d5c60e637a978a033b9dbf7d48a89bbcd41f8eb8cdd18efc950ad4.
# This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
#
# It takes:
#   "size": number
#   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
#   "seen": days since 1970-01-01
#   "kept": 1, 0 or NaN
#
# It gives:
#   the probabilities of "0", "1", "2", in this order, and a label: the class with the largest product of probability and cost
#
# A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
# Numbers are not read from text: units, decimal commas and bounds are for the caller.
# A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
# A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
# A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
# A level that the model does not know counts as some other, rare level.
# A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
# Its answers are those of the model to 1e-12, because the weights are float64 numbers and sums have another order.

import base64
import math
import re
import struct
from operator import mul as _times

_nan, _inf = float("nan"), float("inf")
_AROUND = '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff'
_MISSING = {'', '?', 'n/a', 'na', 'nan', 'null'}

COLUMNS = ['size', 'town', 'seen', 'kept']
ANSWERS = ['0', '1', '2']
LABELS = [0, 1, 2]
_CODES = {
    'town': {'Bern': 1, 'Oslo': 2, 'Z\xfcrich': 3},
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
    0, 2, 3, 0, 0, 2, 2,
]
e0_0_median = [
    9.9, 20122.0, 0.5, 9.9, 9.9, 20122.0, 20122.0,
]
e0_0_start = [
    9.9, 20122.0, 0.5, 1.9, 9.9, 19728.0, 20122.0,
]
e0_0_per_unit = [
    0.101010101010101, 0.0008230452674897119, 0.3333333333333333, 0.125, 0.15384615384615388,
    0.0025380710659898475, 0.002012072434607646,
]
e0_0_least = [
    (-100000000.0), (-100000000.0), (-100000000.0), 0.0, 0.0, 0.0, 0.0,
]
e0_0_most = [
    100000000.0, 100000000.0, 100000000.0, 1.0, 1.0, 1.0, 1.0,
]
e0_0_shift = [
    (-1.0), 0.0, (-0.9999999999999999), 0.0,
]
e0_0_scale = [
    0.25, 0.25, 0.25, 0.25,
]
e0_1_column = [
    1, 1, 1,
]
e0_1_of_missing = [
    4.0, 4.0, 4.0,
]
e0_1_step = [
    3, 3, 3,
]
e0_1_first = [
    0, 1, 2,
]
e0_1_table = [
    0.0, 0.0, (-0.9486832980505137), 0.9486832980505137, 0.0, (-0.9486832980505137), 0.0,
    1.6641005886756872, (-0.9486832980505137), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
]
e0_3_column = [
    0, 1,
]
w0_0 = [
    (-0.5941029336853347), (-1.0677851553956794), (-0.738342229590408), 0.016842229138197152,
    0.17133723920146704, 0.049718118778234115, 0.07646045720739615, 0.1114379756110965,
    (-0.06477545525525792), (-0.976907606390754), 0.10937868436985672, 0.1076262716001619,
    0.061750585599027775, (-0.16062747428979599), 0.16957935768031707, 0.1197359916178469,
    0.012406099720109247, 0.3790246165674785, (-0.100607671841369), (-0.07434222505136366),
    0.0789071617672531, (-0.19235750479026945), (-0.018559686723227723), 0.11458558249506313,
    0.19206276489090784, 0.04561691955036629, (-0.10333418019405442), (-0.11238424236846707),
    0.050572704994576057, (-0.27532706794074124), (-0.03662312052475009), (-0.22747676333657507),
    0.09040944061194749, 0.018920019863753617, 0.16878834341123064, (-0.10659799354993733),
    (-0.1597164217733494), (-0.07563877284353404), (-0.09655230683346157), 0.12203871958168422,
    0.053617865508305274, (-0.09583951138224538), (-0.11874497137416279), (-0.11976865268876036),
    (-0.07640616977263144), (-0.025599691933986094), 0.14158403791652321, 0.28158109939208026,
    (-0.010682167910741319), (-0.08139323678194163), 0.10531390106208427, (-0.09804633670111446),
    0.16366283925259634, (-0.29987959025856026), 0.31045015313077234, 0.02945391918118283,
    (-0.11688447714557296), (-0.9044181662460024), (-0.028845517948236025), 0.26262176368396994,
    (-0.08436190994843606), 0.19654882670870663, 0.1988257878698331,
]
b0_0 = [
    0.0289184216800397, 0.11457936791925671, (-0.03841544257107553),
]
w0_1 = [
    1.06569200945442, (-1.5122877936855261), (-1.2306912436033837), 0.3487824155204039,
    (-0.3865035231937824), (-0.7277594687330117), (-1.2465498591760489), (-0.3089792162237015),
    (-0.6552812197295477),
]
b0_1 = [
    (-0.045818418651889986), (-0.00702913516661812), 0.05223408702557181,
]
costs = [
    1.0, 1.0, 1.0,
]
w0_0 = _rows(w0_0, 3)
w0_1 = _rows(w0_1, 3)

def f_from_median(share, shift, scale):
    return (share + shift) * scale


def f_joined_others(top, others, z):
    return (others * _exp((top - max(top, z)))) + _exp((-abs((z - top))))


def f_joined_top(top, z):
    return max(top, z)


def f_mish(z):
    t4 = -min(abs(z), 800.0)
    t5 = _exp(t4)
    t7 = z < 0.0
    t17 = 1.0 + t5
    return _divided((((t4 * t5) * (t5 + 2.0)) if t7 else (z * (1.0 + (2.0 * t5)))), ((t17 * t17) + (1.0 if t7 else (t5 * t5))))


def f_ramp(value, start, per_unit, least, most):
    return min(max(((value - start) * per_unit), least), most)


def f_share(z, others):
    return _divided(_exp(z), (1.0 + others))


def f_smooth(third):
    return _divided(third, math.sqrt((1.0 + (third * third)))) * 3.0


def f_weekday_mark(days, weekday):
    t4 = _floor(days) + 3.0
    return 1.6641005886756874 if ((t4 - (7.0 * _floor(_divided(t4, 7.0)))) == weekday) else 0.0


def f_within_years(days):
    return min(max(days, (-719162.0)), 2932897.0)


def f_year_cosine(days):
    return math.cos((0.017202777078734226 * (days - 10957.0)))


def f_year_sine(days):
    return math.sin((0.017202777078734226 * (days - 10957.0)))


def predict(row):
    """The probabilities, in the order of LABELS, of a row: a dict with a cell for each of COLUMNS; None is missing."""
    v, p = [_nan] * 4, [0.0] * 3
    v[0] = _value(row, 'size')
    v[1] = _level(row, 'town')
    v[2] = _value(row, 'seen')
    v[3] = _value(row, 'kept')
    odd = 0.0
    if abs(v[0]) > 1e+300:
        odd = 1.0
    if abs(v[2]) > 1e+300:
        odd = 1.0
    if abs((v[3] * (v[3] - 1.0))) > 0.0:
        odd = 1.0
    a = [0.0] * 21
    b = [0.0] * 21
    z = [0.0] * 3
    for k in range(0, 3):
        value = v[e0_0_column[k]] if (v[e0_0_column[k]] == v[e0_0_column[k]]) else e0_0_median[k]
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]))
    for k in range(3, 7):
        value = v[e0_0_column[k]] if (v[e0_0_column[k]] == v[e0_0_column[k]]) else e0_0_median[k]
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 3], e0_0_scale[k - 3])
    for k in range(0, 3):
        a[7 + k] = e0_1_table[e0_1_first[k] + (e0_1_step[k] * int((v[e0_1_column[k]] if (v[e0_1_column[k]] == v[e0_1_column[k]]) else e0_1_of_missing[k])))]
    a[10] = f_year_sine(f_within_years(v[2])) if (v[2] == v[2]) else 0.0
    a[11] = f_year_cosine(f_within_years(v[2])) if (v[2] == v[2]) else 0.0
    a[12] = f_weekday_mark(f_within_years(v[2]), 0.0) if (v[2] == v[2]) else 0.0
    a[13] = f_weekday_mark(f_within_years(v[2]), 1.0) if (v[2] == v[2]) else 0.0
    a[14] = f_weekday_mark(f_within_years(v[2]), 2.0) if (v[2] == v[2]) else 0.0
    a[15] = f_weekday_mark(f_within_years(v[2]), 3.0) if (v[2] == v[2]) else 0.0
    a[16] = f_weekday_mark(f_within_years(v[2]), 4.0) if (v[2] == v[2]) else 0.0
    a[17] = f_weekday_mark(f_within_years(v[2]), 5.0) if (v[2] == v[2]) else 0.0
    a[18] = f_weekday_mark(f_within_years(v[2]), 6.0) if (v[2] == v[2]) else 0.0
    for k in range(0, 2):
        a[19 + k] = 0.0 if (v[e0_3_column[k]] == v[e0_3_column[k]]) else 1.0
    b[:3] = [f_mish(c + sum(map(_times, w, a))) for w, c in zip(w0_0, b0_0)]
    a[:3] = [c + sum(map(_times, w, b)) for w, c in zip(w0_1, b0_1)]
    z[0] = a[0]
    z[1] = a[1]
    z[2] = a[2]
    sum0_top = z[0]
    sum0_others = 0.0
    sum0_others = f_joined_others(sum0_top, sum0_others, z[1])
    sum0_top = f_joined_top(sum0_top, z[1])
    sum0_others = f_joined_others(sum0_top, sum0_others, z[2])
    sum0_top = f_joined_top(sum0_top, z[2])
    p[0] = f_share(z[0] - sum0_top, sum0_others)
    p[1] = f_share(z[1] - sum0_top, sum0_others)
    p[2] = f_share(z[2] - sum0_top, sum0_others)
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
