# Exported by thalweg 0.1.0 from the model with the seal none.
# SHA-256 of its training rows: bef0a3fc163b001577543aca5971fa6d9a96daafb8721ffad8245348d731b244.
# This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
#
# It takes:
#   "size": number
#   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
#   "seen": days since 1970-01-01
#   "kept": 1, 0 or NaN
#
# It gives:
#   the probabilities of "no", "yes", in this order, and a label: "yes" if its probability is above 0.25
#
# A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
# Numbers are not read from text: units, decimal commas and bounds are for the caller.
# A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
# A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
# A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
# A level that the model does not know counts as some other, rare level.
# A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
# Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.

import base64
import math
import re
import struct
from operator import mul as _times

_nan, _inf = float("nan"), float("inf")
_AROUND = '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff'
_MISSING = {'', '?', 'n/a', 'na', 'nan', 'null'}

COLUMNS = ['size', 'town', 'seen', 'kept']
ANSWERS = ['no', 'yes']
LABELS = ['no', 'yes']
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
    9.8, 20106.5, 0.0, 9.8, 9.8, 20106.5, 20106.5,
]
e0_0_start = [
    9.8, 20106.5, 0.0, 4.3, 9.8, 19745.0, 20106.5,
]
e0_0_per_unit = [
    0.08888888888888889, 0.000949667616334283, 0.3333333333333333, 0.1818181818181818,
    0.15873015873015872, 0.0027662517289073307, 0.001951219512195122,
]
e0_0_least = [
    (-100000000.0), (-100000000.0), (-100000000.0), 0.0, 0.0, 0.0, 0.0,
]
e0_0_most = [
    100000000.0, 100000000.0, 100000000.0, 1.0, 1.0, 1.0, 1.0,
]
e0_0_shift = [
    (-1.0), 0.0, (-1.0), 0.0,
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
    0.0, 0.0, 0.0, 0.9486833214759827, 0.0, 0.0, 0.0, 0.9486833214759827, 0.0, 0.0, 0.0,
    0.9486833214759827, 0.0, 0.0, 0.0,
]
e0_3_column = [
    0, 1,
]
w0_0 = [
    0.039011530578136444, 0.7855654954910278, (-0.021899310871958733), (-0.19826558232307434),
    (-0.1632796823978424), 0.09770075231790543, (-0.14878347516059875), (-0.3424428403377533),
    0.13144394755363464, 0.07522930949926376, (-0.359502911567688), 0.05982333421707153,
    (-0.06499745696783066), 0.26736679673194885, 0.2406880408525467, (-0.24617117643356323),
    (-0.0789944976568222), 0.04365171119570732, 0.05670657753944397, (-0.03321951627731323),
    (-0.24447773396968842), 0.4108176529407501, (-0.2955324649810791), (-0.08717562258243561),
    0.257392942905426, 0.3012083172798157, 0.18445229530334473, (-0.2229079157114029),
    0.04640137031674385, 0.8897705674171448, 0.17876240611076355, 0.36222660541534424,
    0.045004185289144516, (-0.08956366777420044), (-0.1296946257352829), (-0.2847539186477661),
    0.01129234116524458, (-0.034481149166822433), 0.1388045698404312, 0.4990288317203522,
    0.07931694388389587, (-0.23045454919338226), 0.056627701967954636, (-0.158072367310524),
    (-0.7146778106689453), 0.01648796536028385, (-0.005341358948498964), (-0.2918969988822937),
    0.3701208233833313, 0.17810554802417755, (-0.46966201066970825), 0.15357224643230438,
    (-0.4572220742702484), (-0.02380439266562462), 0.3084118664264679, 0.20490801334381104,
    (-0.11519696563482285), (-0.032649047672748566), (-0.030774276703596115),
    (-0.07040979713201523), 0.09234978258609772, 0.006588825024664402, (-0.12039519846439362),
]
b0_0 = [
    0.06181589514017105, 0.06976702064275742, 0.05305866524577141,
]
w0_1 = [
    0.5769320726394653, 1.2923420667648315, 1.4914741516113281,
]
b0_1 = [
    0.06886757165193558,
]
e1_0_column = [
    0, 2, 3, 0, 0, 2, 2,
]
e1_0_median = [
    9.9, 20153.5, 1.0, 9.9, 9.9, 20153.5, 20153.5,
]
e1_0_start = [
    9.9, 20153.5, 1.0, 1.9, 9.9, 19728.0, 20153.5,
]
e1_0_per_unit = [
    0.11494252873563217, 0.000670690811535882, 0.3333333333333333, 0.125, 0.15384615384615388,
    0.0023501762632197414, 0.002280501710376283,
]
e1_0_least = [
    (-100000000.0), (-100000000.0), (-100000000.0), 0.0, 0.0, 0.0, 0.0,
]
e1_0_most = [
    100000000.0, 100000000.0, 100000000.0, 1.0, 1.0, 1.0, 1.0,
]
e1_0_shift = [
    (-1.0), 0.0, (-1.0), 0.0,
]
e1_0_scale = [
    0.25, 0.25, 0.25, 0.25,
]
e1_1_column = [
    1, 1, 1,
]
e1_1_of_missing = [
    4.0, 4.0, 4.0,
]
e1_1_step = [
    3, 3, 3,
]
e1_1_first = [
    0, 1, 2,
]
e1_1_table = [
    0.0, 0.0, (-0.9486833214759827), 0.9486833214759827, 0.0, (-0.9486833214759827), 0.0,
    1.6641006469726562, (-0.9486833214759827), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
]
e1_3_column = [
    0, 1,
]
w1_0 = [
    (-0.01313621737062931), (-0.3778241276741028), (-0.15482951700687408), (-0.2985749840736389),
    (-0.07130217552185059), (-0.08292870223522186), 0.25337648391723633, (-0.4265783429145813),
    (-0.03020213544368744), (-0.0034247508738189936), (-0.2859283983707428), 0.274120569229126,
    (-0.011112384498119354), 0.13465188443660736, 0.17570355534553528, 0.11715161055326462,
    (-0.2915583550930023), (-0.1984795480966568), 0.10900064557790756, 0.3521272838115692,
    0.011015012860298157, 0.030599774792790413, (-0.2831360995769501), 0.206501305103302,
    (-0.045817069709300995), (-0.12011173367500305), 0.21789251267910004, 0.2527552843093872,
    0.12198812514543533, (-0.02556065283715725), 0.08744952082633972, (-0.5847401022911072),
    0.29253387451171875, (-0.13463906943798065), (-0.04858163371682167), 0.045751478523015976,
    (-0.21590223908424377), 0.08952058851718903, (-0.17979109287261963), 0.023483794182538986,
    0.14133524894714355, (-0.014628134667873383), 0.3857521712779999, 0.10288889706134796,
    (-0.05058743432164192), 0.10997852683067322, (-0.6665030717849731), 0.30674341320991516,
    (-0.2170211225748062), (-0.4550945460796356), 0.12139514088630676, (-0.18812192976474762),
    0.15293490886688232, 0.36800330877304077, (-0.007708109449595213), 0.34278205037117004,
    (-0.07003794610500336), (-0.08740480989217758), 0.37532564997673035, (-0.19322510063648224),
    (-0.26382142305374146), 0.46512576937675476, 0.1515560895204544,
]
b1_0 = [
    (-0.018247097730636597), (-0.05868513882160187), 0.06947021186351776,
]
w1_1 = [
    0.049349796026945114, (-0.5271822810173035), 1.8014074563980103,
]
b1_1 = [
    0.06862897425889969,
]
w0_0 = _rows(w0_0, 3)
w0_1 = _rows(w0_1, 1)
w1_0 = _rows(w1_0, 3)
w1_1 = _rows(w1_1, 1)

def f_from_median(share, shift, scale):
    return (share + shift) * scale


def f_joined_others(top, others, z):
    return (others * _exp((top - max(top, z)))) + _exp((-abs((z - top))))


def f_joined_top(top, z):
    return max(top, z)


def f_link(z):
    t3 = _exp((-abs(z)))
    return _divided((t3 if (z < 0.0) else 1.0), (1.0 + t3))


def f_log_of_sum(top, others):
    return top + _log1p(others)


def f_minus_log_likely(z):
    return (max(z, 0.0) - (1.0 * z)) + _log1p(_exp((-abs(z))))


def f_minus_log_unlikely(z):
    return (max(z, 0.0) - (0.0 * z)) + _log1p(_exp((-abs(z))))


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
    """The probabilities, in the order of LABELS, of a row: a dict with a cell for each of COLUMNS; None is missing."""
    v, p = [_nan] * 4, [0.0] * 2
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
    z = [0.0] * 2
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
    a[:1] = [c + sum(map(_times, w, b)) for w, c in zip(w0_1, b0_1)]
    z[0] = a[0] - 1.0986122886681098
    for k in range(0, 3):
        value = v[e1_0_column[k]] if (v[e1_0_column[k]] == v[e1_0_column[k]]) else e1_0_median[k]
        a[k] = f_smooth(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]))
    for k in range(3, 7):
        value = v[e1_0_column[k]] if (v[e1_0_column[k]] == v[e1_0_column[k]]) else e1_0_median[k]
        a[k] = f_from_median(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]), e1_0_shift[k - 3], e1_0_scale[k - 3])
    for k in range(0, 3):
        a[7 + k] = e1_1_table[e1_1_first[k] + (e1_1_step[k] * int((v[e1_1_column[k]] if (v[e1_1_column[k]] == v[e1_1_column[k]]) else e1_1_of_missing[k])))]
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
        a[19 + k] = 0.0 if (v[e1_3_column[k]] == v[e1_3_column[k]]) else 1.0
    b[:3] = [f_relu(c + sum(map(_times, w, a))) for w, c in zip(w1_0, b1_0)]
    a[:1] = [c + sum(map(_times, w, b)) for w, c in zip(w1_1, b1_1)]
    z[1] = a[0] - 1.0986122886681098
    minus_log_likely_sum_top = -f_minus_log_likely(z[0])
    minus_log_likely_sum_others = 0.0
    minus_log_likely_sum_others = f_joined_others(minus_log_likely_sum_top, minus_log_likely_sum_others, -f_minus_log_likely(z[1]))
    minus_log_likely_sum_top = f_joined_top(minus_log_likely_sum_top, -f_minus_log_likely(z[1]))
    minus_log_likely_sum = f_log_of_sum(minus_log_likely_sum_top, minus_log_likely_sum_others)
    minus_log_unlikely_sum_top = -f_minus_log_unlikely(z[0])
    minus_log_unlikely_sum_others = 0.0
    minus_log_unlikely_sum_others = f_joined_others(minus_log_unlikely_sum_top, minus_log_unlikely_sum_others, -f_minus_log_unlikely(z[1]))
    minus_log_unlikely_sum_top = f_joined_top(minus_log_unlikely_sum_top, -f_minus_log_unlikely(z[1]))
    minus_log_unlikely_sum = f_log_of_sum(minus_log_unlikely_sum_top, minus_log_unlikely_sum_others)
    moved = 0.3751981704993573 + (0.13242520847593037 * (minus_log_likely_sum - minus_log_unlikely_sum))
    p[0] = f_link(-moved)
    p[1] = f_link(moved)
    if odd > 0.0:
        for k in range(0, 2):
            p[k] = _nan
    return p


def _place(p):
    if (p[0] == p[0]) == 0.0:
        return -1
    if p[1] > 0.25:
        return 1
    return 0


def label(answers):
    """The label for what predict gave; None if that is NaN."""
    place = _place(answers)
    return LABELS[place] if place >= 0 else None
