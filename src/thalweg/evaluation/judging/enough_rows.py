"""How many of the judged rows tell something, and how much there is to know of them.

*Rows that tell.* With classes these are the rows of all classes but the commonest. 599 rows of
one class and 1 of the other say nothing of how well the two are told apart: one row decides all.
(Of the rarest class alone, where there are several: a class of 2 rows takes nothing from what
hundreds of rows say of two others. An AUC that counts each class the same is different, and goes by
the rarest.) With numbers all rows tell.

*Fewest.* If either of two models were better with even odds in each row, all of 5 would agree once
in 16 times, which is more than the 5 % that an interval allows. 6 rows are the fewest that can show
a difference.

*What there is to know* is the lowest log-loss that a constant answer can have on these rows, the
entropy -Σ q ln q of the shares q of the classes.
"""

import math
from collections.abc import Sequence

FEWEST_ROWS = 6


def rows_that_tell(counts: Sequence[float]) -> float:
    """The rows of all classes but the commonest, from the rows of each class."""
    return sum(counts) - max(counts)


def there_is_to_know(counts: Sequence[float]) -> float:
    """The lowest log-loss of a constant answer, from the rows of each class."""
    shares = [count / sum(counts) for count in counts if count]
    return sum(share * math.log(1 / share) for share in shares)
