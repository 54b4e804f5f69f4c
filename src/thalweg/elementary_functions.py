"""The elementary functions that formulas may use, applied element by element.

Here each is NumPy's. The compiled engine replaces those that networks use by scalar functions
(``vector_math``), and a trace replaces all of them by symbols (``export``). So one formula serves
arrays, compiled loops and other languages alike.
"""

import numpy as np

exp = np.exp
expm1 = np.expm1
log1p = np.log1p
sqrt = np.sqrt
sin = np.sin
cos = np.cos
floor = np.floor
sign = np.sign
maximum = np.maximum
minimum = np.minimum
where = np.where
