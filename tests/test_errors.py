import pickle

import pytest

from thalweg import errors
from thalweg.errors import DataError, ModelFileError, ModelVersionError, Status, ThalwegError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ThalwegError) and kind is not ThalwegError
]


def test_an_error_says_what_where_why_and_the_fix():
    error = DataError("Text where numbers stand", where="column age, row 3", why="It is", fix="x")
    assert str(error) == "Text where numbers stand (column age, row 3). It is. Fix: x."


def test_an_error_with_nothing_but_what_is_one_sentence():
    assert str(DataError("Nothing there")) == "Nothing there."


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_survives_pickling_between_processes(kind):
    error = kind("what", where="where", why="why", fix="fix")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert again.as_dict() == error.as_dict()
    assert str(again) == str(error)


def test_codes_tell_the_kinds_apart():
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_builtin_handlers_catch_what_they_expect():
    assert issubclass(DataError, ValueError)
    assert issubclass(ModelVersionError, ModelFileError)
    assert issubclass(errors.OutputError, OSError)


def test_an_output_error_does_not_take_its_words_for_an_errno():
    error = errors.OutputError("what", where="where", why="why", fix="fix")
    assert error.errno is None
    assert str(error) == "what (where). why. Fix: fix."


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_a_sentence(status):
    assert status.sentence
