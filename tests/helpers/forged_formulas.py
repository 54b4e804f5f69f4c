"""200 texts that are no formula of a loss, of somebody who wants something to be run."""

import random

_RUNS = (
    "__import__('os').system('true')", "exec('z')", "eval('z')", "open('/etc/passwd')",
    "z.__class__", "z.__class__.__bases__[0].__subclasses__()", "(lambda: z)()", "lambda z, y: z",
    "[z for z in y]", "{z}", "{'z': y}", "z if z > y else y", "z and y", "not z", "z or y",
    "z; y", "z\ny = 3", "import os", "from os import system", "def f(z): return z", "class z: pass",
    "z := y", "print(z)", "globals()", "getattr(z, 'real')", "f'{z}'", "b'z'", "'z'", '"z"', "z@y",
    "z // y", "z % y", "z << y", "z >> y", "z & y", "z | y", "z ^ y", "~z", "z != y", "z is y",
    "z in y", "z[0]", "z[y]", "*z", "**z", "exp(*z)", "exp(**z)", "exp(x=z)", "exp(z, y)", "exp()",
    "where(z)", "where(z > y)", "where(z > y, z)", "where(z > y, z, y, z)", "where(z, y, z)",
    "maximum(z)", "minimum(z, y, z)", "np.exp(z)", "math.exp(z)", "numpy.where(z > y, z, y)",
    "await z", "yield z", "return z", "raise z", "z...", "...", "z!", "z?", "$z", "`z`", "#z",
    "z\\y", "z = y", "z == y", "z < y", "z < y < 3", "(z > y) * z", "-(z > y)", "abs(z > y)",
    "True", "None", "z * True", "nan * z", "inf * z", "NaN", "Infinity", "pi * z", "e * z", "x",
    "Z - y", "z - Y", "z_ - y", "_", "__z__", "constant", "argument", "negative(z)", "step_0",
    "center + z", "scale * z", "size", "grain * z", "z @ 1 2 3 4", "@", "formula:z",
)  # fmt: skip
_NUMBERS = (
    "1e400 * z", "z * 1e309", "9**9**9", "z**9**9", "z**10", "z**0", "z**-1", "z**y", "z**0.5",
    "z**1e300", "9**999999999", "1e308 * 10 * z", "1e200 * 1e200 + z", "1 / 0 * z", "0 / 0 + z",
    "sqrt(-1) + z", "log1p(-1) * z", "log1p(-2) + z", "exp(1000) + z", "1e", "1e+", "1.2.3 * z",
    "0x10 * z", "0b1 * z", "1_000 * z", "1j * z", "3z", "z3", "1e5z", "." , "..", "z..y", "e5 * z",
    "-1e309 + z", "9" * 400 + " * z", "0." + "9" * 2000, "1e-" + "9" * 500 + "x", "5", "0", "y",
    "y * y", "3 + 4", "exp(y)",
)  # fmt: skip
_CHARACTERS = (
    "ζ - y", "z − y", "z – y", "ｚ - y", "z\u200b- y", "z\u202e- y", "\ufeffz", "z\x00", "\x00",
    "z\x1b[31m", "z\u00a0- y", "z\u2028- y", "\U0001d4cf - y", "z \u00d7 y", "z \u00f7 y",
    "z\u00b2",
    "z - y\u0301", "z\x85- y", "z\x0b- y", "z\x0c- y", "\u2063z", "ｅxp(z)", "ехр(z)",
    "z\u0660",
    "\u0661 * z", "①*z", "z\x7f", "“z”", "z，y", "（z）",
)  # fmt: skip
_SHAPES = (
    "", " ", "(", ")", "()", "((z)", "(z))", "z z", "z y", "z,", ",z", "exp z", "exp(z", "exp)z(",
    "+", "-", "*", "z +", "z *", "* z", "z * / y", "where(", "where)", "where(,,)", "where(z>y,,y)",
    "z > ", "> z", "z >> y", "z => y", "z =< y",
)  # fmt: skip
_LARGE = (
    "(" * 500 + "z" + ")" * 499, "-" * 999 + "z", "exp(" * 199 + "z" + ")" * 199, "z" * 1001,
    "z" + " " * 1000 + "+ y", "z" + "+z" * 5000, "abs(" * 41 + "z" + ")" * 41, "(" * 100000,
    "9" * 10**6,
    "z" + "-y" * 10**6, "where(z>y," * 60 + "z", "where(" * 150, "z" + "*(z" * 300 + ")" * 300,
    "(z*z)" + "**2" * 300, "z**2" + "+z**9" * 198, "max(z," * 60 + "y" + ")" * 60,
    "((((((((z-y)**9)**9)**9)**9)**9)**9)**9)**9", "((((((z+y+1)**9+z)**9+z)**9+z)**9+z)**9)",
)  # fmt: skip


def forged_formulas() -> list[str]:
    """The texts, the same in every run."""
    texts = [*_RUNS, *_NUMBERS, *_CHARACTERS, *_SHAPES, *_LARGE]
    drawn = random.Random(0)
    words = ["z", "y", "(", ")", ",", "exp", "where", "**", "*", "3", ">", "==", ".", "'", "lambda"]
    while len(texts) < 260:
        texts.append("".join(drawn.choices(words, k=40)) + "(")  # it ends too early
    return list(dict.fromkeys(texts))
