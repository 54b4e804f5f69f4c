"""The elementary functions that formulas may use, applied element by element.

Here each is NumPy's. The compiled engine replaces every one of them by a scalar function
(``vector_math``), so that one formula serves arrays and compiled loops alike.
"""

import numpy as np

exp = np.exp
expm1 = np.expm1
log1p = np.log1p
sqrt = np.sqrt
sign = np.sign
maximum = np.maximum
minimum = np.minimum
where = np.where
