# Exported by thalweg 0.1.0 from the model with the seal none.
# SHA-256 of its training rows: 8316ce6549f7fcedf49eac01d4dd0e6e9fc95a61a89ecce187b850069fb0a59b.
# This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
#
# It takes:
#   "size": number
#   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
#   "seen": days since 1970-01-01
#   "kept": 1, 0 or NaN
#
# It gives:
#   the predicted quantiles "q0.1", "q0.5", "q0.9"
#
# A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
# Numbers are not read from text: units, decimal commas and bounds are for the caller.
# A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
# A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
# A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
# A level that the model does not know counts as some other, rare level.
# A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
# Its answers are those of the model to 2e-06 of the size of the answer or of the spread of the target, because the weights are float32 numbers and sums have another order.

import base64
import math
import re
import struct
from operator import mul as _times

_nan, _inf = float("nan"), float("inf")
_AROUND = '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff'
_MISSING = {'', '?', 'n/a', 'na', 'nan', 'null'}

COLUMNS = ['size', 'town', 'seen', 'kept']
ANSWERS = ['q0.1', 'q0.5', 'q0.9']
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
    0.0, 0.0, (-0.9486833214759827), 0.9486833214759827, 0.0, (-0.9486833214759827), 0.0,
    1.6641006469726562, (-0.9486833214759827), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
]
e0_3_column = [
    0, 1,
]
w0_0 = [
    (-0.28107357025146484), (-0.7174845933914185), (-1.1285868883132935), (-0.0012922401074320078),
    0.1435881108045578, 0.04088309034705162, 0.025072209537029266, 0.07601240277290344,
    (-0.056374479085206985), (-0.18767638504505157), 0.10989290475845337, (-0.06122094392776489),
    0.0730341300368309, (-0.1828283667564392), 0.19676446914672852, 0.1509561985731125,
    0.11905037611722946, 0.5128711462020874, (-0.5110344886779785), (-0.5222848057746887),
    0.13505010306835175, (-0.4691217541694641), (-0.18163639307022095), 0.161838099360466,
    0.07807730883359909, (-0.02256600186228752), (-0.019490214064717293), (-0.07508537918329239),
    0.13158753514289856, (-0.2874963879585266), (-0.025460349395871162), (-0.10169457644224167),
    (-0.05859382078051567), 0.053959134966135025, 0.2421862632036209, (-0.11228196322917938),
    (-0.18844740092754364), (-0.08682400733232498), (-0.10750742256641388), (-0.052941545844078064),
    (-0.08448148518800735), 0.1279720515012741, (-0.426261842250824), (-0.26030877232551575),
    0.01025729812681675, (-0.006614163983613253), 0.06021203100681305, 0.0378357470035553,
    (-0.06618732213973999), (-0.11792575567960739), 0.06833527237176895, (-0.0313071608543396),
    0.041632477194070816, (-0.0972619578242302), 0.07048321515321732, (-0.04237256571650505),
    (-0.012224129401147366), (-0.16671131551265717), (-0.005150842480361462),
    (-0.028072291985154152), (-0.12533406913280487), 0.16777707636356354, 0.13815052807331085,
]
b0_0 = [
    (-0.09987005591392517), (-0.1026405319571495), 0.0037431439850479364,
]
w0_1 = [
    0.9094941020011902, (-1.3128254413604736), (-1.2214049100875854), 0.12433552742004395,
    (-0.38037705421447754), (-0.5162424445152283), (-1.4584407806396484), (-0.22817052900791168),
    (-0.43286874890327454),
]
b0_1 = [
    (-0.11269174516201019), 0.09973496943712234, 0.11782506853342056,
]
w0_0 = _rows(w0_0, 3)
w0_1 = _rows(w0_1, 3)

def f_from_median(share, shift, scale):
    return (share + shift) * scale


def f_link(z):
    return z


def f_ramp(value, start, per_unit, least, most):
    return min(max(((value - start) * per_unit), least), most)


def f_relu(z):
    return max(z, 0.0)


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
    """The predicted quantiles, in the order of ANSWERS, of a row: a dict with a cell for each of COLUMNS; None is missing."""
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
    b[:3] = [f_relu(c + sum(map(_times, w, a))) for w, c in zip(w0_0, b0_0)]
    a[:3] = [c + sum(map(_times, w, b)) for w, c in zip(w0_1, b0_1)]
    z[0] = a[0]
    z[1] = a[1]
    z[2] = a[2]
    p[0] = min(max((30.5 + (17.318102282486574 * f_link(z[0]))), 1.0), 60.0)
    p[1] = min(max((30.5 + (17.318102282486574 * f_link(z[1]))), 1.0), 60.0)
    p[2] = min(max((30.5 + (17.318102282486574 * f_link(z[2]))), 1.0), 60.0)
    for i in range(0, 3):
        for k in range(0, 2):
            low = min(p[k], p[k + 1])
            high = max(p[k], p[k + 1])
            p[k] = low
            p[k + 1] = high
    if odd > 0.0:
        for k in range(0, 3):
            p[k] = _nan
    return p
