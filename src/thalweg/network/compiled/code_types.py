"""What the parameters of compiled code are, by name: in a body, and in what writes machine code.

Numba does not read these types. A body is compiled for the arguments that it gets; all arrays and
numbers of one call have the same dtype, float32 or float64.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.base import BaseContext
from numba.core.typing.context import BaseContext as TypingContext
from numba.core.typing.templates import Signature
from numpy.typing import NDArray

# In a body: arrays of numbers, and of whole ones, which are rows or addresses.
Floats: TypeAlias = NDArray[Any]
Places: TypeAlias = NDArray[np.intp]
# A function that is to be compiled.
Body: TypeAlias = Callable[..., Any]
# An intrinsic is handed the types of its arguments, and returns what writes the code for them.
Context: TypeAlias = TypingContext
Kind: TypeAlias = types.Type
# That is handed these.
Target: TypeAlias = BaseContext
Builder: TypeAlias = ir.IRBuilder
Typed: TypeAlias = Signature
Values: TypeAlias = Sequence[ir.Value]
