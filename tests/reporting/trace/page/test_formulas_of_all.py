"""The formulas of the page are those that Python writes today."""

from thalweg.reporting.inline import lean_module
from thalweg.reporting.trace.page.formulas_of_all import formulas_module
from thalweg.studio.server.page_files import page_files


def test_the_module_of_formulas_is_the_one_that_python_writes():
    """If not: write `formulas_module()` to studio/pages/draw/formulas.js."""
    assert page_files()["/draw/formulas.js"].data.decode() == lean_module(formulas_module())
