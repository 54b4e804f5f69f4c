"""Processes that a test starts import what the test can import: a helper."""

import os
import sys


def environment():
    """The environment of a child that has this process's path of modules."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
