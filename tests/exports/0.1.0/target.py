# Exported by thalweg 0.1.0 from the model with the seal none.
# SHA-256 of its training rows: f5117f0d5ed7ae27c5612a39b8238805a288cc8f0ea5ff35d4f1122982f05409.
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
#   the predicted number
#
# A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
# Numbers are not read from text: units, decimal commas and bounds are for the caller.
# A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
# A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
# A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
# A level that the model does not know counts as some other, rare level.
# A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
# Its answers are those of the model to 1e-12 of the size of the answer or of the spread of the target, because the weights are float64 numbers and sums have another order.

import base64
import math
import re
import struct
from operator import mul as _times

_nan, _inf = float("nan"), float("inf")
_AROUND = '\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff'
_MISSING = {'', '?', 'n/a', 'na', 'nan', 'null'}

COLUMNS = ['size', 'town', 'crp', 'asked', 'name', 'crp: bound']
ANSWERS = ['value']
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
    10.1, 9.5, 0.0, 0.0, 10.1, 10.1, 9.5, 9.5,
]
e0_0_start = [
    10.1, 9.5, 0.0, 0.0, 5.1, 10.1, 0.0, 9.5,
]
e0_0_per_unit = [
    0.15873015873015875, 0.037037037037037035, 0.0, 0.6666666666666666, 0.2, 0.16666666666666663,
    0.10526315789473684, 0.1,
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
    0.0, 0.0, (-0.9486832980505137), 1.6641005886756872, 0.0, (-0.9486832980505137), 0.0,
    1.6641005886756872, (-0.9486832980505137), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    (-0.4931969619160719), 0.4931969619160719, 0.0,
]
e0_2_column = [
    0, 1, 3, 4,
]
w0_0 = [
    (-0.01720773483949584), 0.2749216917190863, (-0.3010007398506221), (-0.6187277969314597),
    (-0.2324082984702341), 0.159262214113032, (-0.0994446849931498), (-0.15136734145443598),
    (-0.18692543682571036), 0.10167036609451331, 0.006548185329977046, 0.2916830641256206,
    0.07368110621340064, (-0.07522532592277391), (-0.12311166225269213), 0.43680163557823537,
    (-0.1036138595705484), 0.19923269372203578, 0.062332992128231325, (-0.053265693929780575),
    (-0.377153934078668), 0.3749515201876399, 0.05702756435185047, (-0.37332701411971414),
    0.10661353497829167, (-0.23969321022562726), (-0.33285625343022907), 0.0477408907666111,
    0.5000656890017033, (-0.4996936690303473), 0.040566913873296695, (-0.05438230484209043),
    0.3949194709588245, (-0.5300244462828727), (-0.07015041902532977), (-0.3959808988320501),
    (-0.16293677196671663), 0.17268763924235175, 0.06498433662411307, (-0.4278390328354808),
    0.066235395377279, (-0.08281109041581636), (-0.0965349405643201), (-0.30805121843489497),
    (-0.29720158506923516), (-0.18298999520059442), 0.18766801360389196, (-0.12897927908712042),
    0.039097520024242396, (-0.4461973036319563), 0.11921101229796914, (-0.08953826345039932),
    0.33075828703354204, 0.4367087378164623, 0.0021030324242515804, (-0.12730826766553574),
    0.07750277452667535, (-0.005896837883508812), 0.25234884984288936, (-0.2009852489559525),
    0.05862539367176769, 0.14544840273167767, 0.12730846511227537, 0.1370161718022172,
]
b0_0 = [
    (-0.02132115584367427), (-0.0262491885413419), 0.0029641873955765495, 0.029740802200284598,
]
w0_1 = [
    1.086131307927813, 0.9147526980884471, 1.2899566502985567, 1.3178926404590185,
    (-0.3586153414853958), 0.3410497139048008, (-1.1067728654384685), (-0.5681383046062336),
    0.352965344502738, (-0.03249101311791606), 1.1451747514413226, 0.29705937949517625,
]
b0_1 = [
    (-0.019546029852064245), 0.03129407175723569, (-0.026236960325268954),
]
w0_2 = [
    (-0.19876518217467812), 0.1881524721178253, (-0.26250755843949414),
]
b0_2 = [
    0.03078926009934584,
]
e1_0_column = [
    0, 2, 4, 5, 0, 0, 2, 2,
]
e1_0_median = [
    9.55, 6.5, 0.0, 0.0, 9.55, 9.55, 6.5, 6.5,
]
e1_0_start = [
    9.55, 6.5, 0.0, 0.0, 1.9, 9.55, 0.0, 6.5,
]
e1_0_per_unit = [
    0.08547008547008549, 0.027777777777777776, 0.0, 0.6666666666666666, 0.13071895424836602,
    0.14598540145985406, 0.15384615384615385, 0.07692307692307693,
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
    0.0, 0.0, 0.0, 0.9486832980505137, 0.0, 0.0, 0.0, 1.6641005886756872, 0.0, 0.0, 0.0,
    0.9486832980505137, 0.0, 0.0, 0.0, 0.0, (-0.4931969619160719), 0.4931969619160719, 0.0,
]
e1_2_column = [
    0, 1, 3, 4,
]
w1_0 = [
    (-0.07215793328198111), (-0.3201435768648282), (-0.21438502286057884), 0.09767725711336236,
    (-0.356012185952669), (-0.3333511468351213), 0.14237104156398012, 0.09445697751399548,
    0.3511420472421904, 0.005369278797107233, 0.216060010254578, 0.3388141661282155,
    0.020626182826992013, (-0.15953607993230873), 0.06641038492904414, 0.034456206117182635,
    0.03980511147628453, (-0.40697361109937946), (-0.38100220060857964), 0.1338129062406731,
    0.3148946673908247, (-0.7308491376237486), (-0.42086821169926975), 0.046840244143104,
    0.185079186361903, (-0.11026542624295481), 0.1360861917693845, (-0.19741296540695596),
    0.10151537478553094, (-0.5930789711511972), 0.11749421266181409, (-5.1170058949538914e-05),
    (-0.09387313028730407), (-0.15896481420679934), 0.554006172258381, (-0.036304585247692),
    0.43366334364776365, 0.1368111528990032, 0.6658266487830926, 0.14599930518063858,
    0.11537838604268193, (-0.5517127893739723), (-0.34086574949730164), (-0.00761643483546055),
    (-0.22388064276623063), 0.5113345978766531, (-0.011728114823032959), 0.5248126305150896,
    (-0.29920185200809335), (-0.19183352228800832), (-0.005839574577063554),
    (-0.007648158542016896), 0.05145002493128377, (-0.36899338605692167), 0.18857902975275306,
    (-0.44557548663772295), 0.6073445656769575, 0.19032037778778535, 0.05904505133980744,
    0.13281184483585898, 0.1150386758951843, (-0.4098484780190728), (-0.17649617823769587),
    (-0.0335859201113589),
]
b1_0 = [
    0.029675712283666323, (-0.03095140057184629), (-0.03172165809190889), (-0.03041872492460604),
]
w1_1 = [
    (-0.47630386080828696), 0.8067443620389819, (-0.15761254635916677), 1.5839215296761748,
    0.3311594139053662, 0.404166214162947, (-0.6007689759333571), 0.012568366033126832,
    0.8163550371589535, 0.2966368669501728, 0.2863304426990841, 0.009354044549968006,
]
b1_1 = [
    (-0.028957967264709217), 0.01587290400974036, (-0.0313220026449532),
]
w1_2 = [
    0.6584546905264317, (-0.16176062577710196), (-0.9135457970064214),
]
b1_2 = [
    0.031896831187700043,
]
w0_0 = _rows(w0_0, 4)
w0_1 = _rows(w0_1, 3)
w0_2 = _rows(w0_2, 1)
w1_0 = _rows(w1_0, 4)
w1_1 = _rows(w1_1, 3)
w1_2 = _rows(w1_2, 1)

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


def f_tanh(z):
    t6 = _expm1(((-2.0) * min(abs(z), 50.0)))
    t9 = _divided(t6, (t6 + 2.0))
    return t9 if (z < 0.0) else (-t9)


def predict(row):
    """The predicted number of a row: a dict with a cell for each of COLUMNS; None is missing."""
    v, p = [_nan] * 6, [0.0] * 1
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
    z = [0.0] * 2
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
    b[:4] = [f_tanh(c + sum(map(_times, w, a))) for w, c in zip(w0_0, b0_0)]
    a[:3] = [f_relu(c + sum(map(_times, w, b))) for w, c in zip(w0_1, b0_1)]
    b[:1] = [c + sum(map(_times, w, a)) for w, c in zip(w0_2, b0_2)]
    z[0] = b[0]
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
    b[:4] = [f_tanh(c + sum(map(_times, w, a))) for w, c in zip(w1_0, b1_0)]
    a[:3] = [f_relu(c + sum(map(_times, w, b))) for w, c in zip(w1_1, b1_1)]
    b[:1] = [c + sum(map(_times, w, a)) for w, c in zip(w1_2, b1_2)]
    z[1] = b[0]
    p[0] = min(max((5.401383462214477 + (1.5994968044510955 * f_link(z[0]))), 1.7320508075688772), 7.681145747868608)
    p[0] = p[0] + min(max((5.048921335874964 + (1.9429513660442521 * f_link(z[1]))), 1.0), 7.745966692414834)
    for k in range(0, 1):
        p[k] = _divided(p[k], 2.0)
    if odd > 0.0:
        for k in range(0, 1):
            p[k] = _nan
    return p[0]
