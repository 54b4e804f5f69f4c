"""Small styles: what a browser reads the same."""

import pytest

from thalweg.reporting.scripts.small_style import small_style


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("a :hover, b > c { color : red ; }", "a :hover,b>c{color :red;}"),
        ('a::before { content: "  /* b */ , "; }', 'a::before{content:"  /* b */ , ";}'),
        ("a { width: calc(1px + 2px); } /* b\n c */", "a{width:calc(1px + 2px);}"),
        ("@media (min-width: 5px) and (max-width: 9px) {\n a { b: c d }\n}",
         "@media (min-width:5px) and (max-width:9px){a{b:c d}}"),
        ("a\n  .b { c: d; }", "a .b{c:d;}"),
        ("a + b ~ c {}", "a + b ~ c{}"),
    ],
)  # fmt: skip
def test_spaces_that_mean_something_stay(text, small):
    assert small_style(text) == small
