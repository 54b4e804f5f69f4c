"""How many test rows are informative, and the entropy of their classes.

*Informative rows.* In classification these are the rows of all classes except the most common one.
599 rows of one class and 1 of the other say nothing about how well the two are separated: one row
decides everything. (The rarest class alone would be the wrong count for several classes: a class
with 2 rows does not change what hundreds of rows say about two others. An AUC that counts each
class the same is different, and depends on the rarest.) In regression all rows are informative.

*Fewest.* If each of two equal models were better in each row with probability 1/2, all of 5 rows
would agree once in 16 times, which is more than the 5 % that an interval allows. 6 rows are the
fewest that can show a difference.

*Different rows.* Where equal rows are never split, rows that are equal in all features are answered
in the same way by a model that has not seen any of them. A test set of 26 equal rows is one case
for this model, and fewer than 6 different rows show no difference, either. (Named groups or times
split equal rows, and then each row counts.)

*Weights.* Weighted rows count as Kish's effective number of them, (Σw)² / Σw².

*The entropy* -Σ q ln q of the shares q of the classes is the lowest log-loss that a constant
answer can have on these rows: what there is to know.
"""

import math
from collections.abc import Sequence

import numpy as np

from thalweg.evaluation.answers import effective_number

FEWEST_ROWS = 6


def rows_that_tell(counts: Sequence[float]) -> float:
    """The rows of all classes except the most common one, from the rows of each class."""
    return sum(counts) - max(counts)


def telling_of_codes(codes: np.ndarray, weights: np.ndarray | None) -> float:
    """`rows_that_tell`, or with weights `weighted_rows_that_tell`, of the classes of rows."""
    if weights is None:
        return rows_that_tell(np.bincount(codes).tolist())
    return weighted_rows_that_tell(codes, weights)


def weighted_rows_that_tell(codes: np.ndarray, weights: np.ndarray) -> float:
    """The effective number of weighted rows of all classes except the one of most weight.

    ``codes`` are the classes of the rows, 0 … n_classes - 1.
    """
    commonest = np.argmax(np.bincount(codes, weights))
    return effective_number(weights[codes != commonest])


def there_is_to_know(counts: Sequence[float]) -> float:
    """The entropy, the lowest log-loss of a constant answer, from the rows of each class."""
    shares = [count / sum(counts) for count in counts if count]
    return sum(share * math.log(1 / share) for share in shares)
