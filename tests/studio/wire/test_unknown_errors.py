"""Errors that nobody has foreseen: a full disk is no fault of thalweg."""

import errno

import pytest

from thalweg.studio.wire.unknown_errors import unknown_error


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_says_what_to_do(number: int) -> None:
    told = unknown_error(OSError(number, "No room"))
    assert told["what"] == "The disk of the workspace is full"
    assert told["why"] == "No room"
    assert "fault" not in str(told)


def test_any_other_error_is_a_fault() -> None:
    assert "fault of thalweg" in unknown_error(OSError(errno.EIO, "no"))["fix"]
