"""Forms that are read from the types of fields."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from thalweg.jobs.documents.forms_of_classes import ARRAY, ClassForms
from thalweg.landscape.plain_data import fields_of
from thalweg.persistence.plain_data_checks import require


class Pair(NamedTuple):
    name: str
    place: int


@dataclass(frozen=True)
class Inner:
    loss: float
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Outer:
    heights: NDArray[np.float64]
    inner: Inner
    more: tuple[Inner, ...]
    pair: Pair
    seed: int | None = None
    hidden: bool = True


def accepts(form, value):
    try:
        require(value, form, "it")
    except ValueError:
        return False
    return True


def test_what_a_class_writes_has_the_form_of_its_fields():
    form = ClassForms().add(Outer, {"sentence": ARRAY}, ["hidden"])
    assert set(form) == {"heights", "inner", "more", "pair", "seed", "sentence"}
    del form["sentence"]
    inner = Inner(np.nan, (1, 2))
    written = fields_of(Outer(np.array([[0.5, np.inf]]), inner, (inner,), Pair("a", 1)), "hidden")
    assert written["inner"]["loss"] is None
    assert accepts(form, written)
    for key, wrong in (("heights", [["a"]]), ("inner", {"loss": 1.0}), ("more", inner),
                       ("pair", [1.5, None]), ("seed", "a")):  # fmt: skip
        assert not accepts(form, {**written, key: wrong}), key
    assert not accepts(form, {**written, "hidden": True})


def test_a_class_that_writes_otherwise_has_the_form_that_is_given():
    forms = ClassForms()
    forms.take(Inner, {"only": ARRAY})
    assert accepts(forms.add(Outer, {}, ["heights", "more", "pair"]),
                   {"inner": {"only": []}, "seed": 3, "hidden": False})  # fmt: skip


def test_a_type_without_a_form_is_an_error():
    with pytest.raises(AssertionError, match="no form says how"):
        ClassForms().of(bytes)
