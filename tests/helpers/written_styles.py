"""Thirty-three ways in which people write numbers, and columns whose truth is known."""

import numpy as np


def grouped(digits, mark, sizes=(3,)):
    """Digits with a mark between groups, from the right; the last size is repeated."""
    parts, sizes = [], list(sizes)
    while digits:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        parts.insert(0, digits[-size:])
        digits = digits[:-size]
    return mark.join(parts)


def style(decimal=".", thousands="", before="", behind="", minus="-", sizes=(3,)):
    """A function that writes a number with so many decimals."""

    def write(value, places):
        whole, _, rest = f"{abs(value):.{places}f}".partition(".")
        digits = grouped(whole, thousands, sizes) if thousands else whole
        body = digits + (decimal + rest if rest else "")
        if value >= 0:
            return f"{before}{body}{behind}"
        if minus == "()":
            return f"({before}{body}{behind})"
        if minus == "behind":
            return f"{before}{body}-{behind}"
        return f"{minus}{before}{body}{behind}"

    return write


FULL_WIDTH = {ord(sign): chr(0xFEE0 + ord(sign)) for sign in "0123456789.,-"}

STYLES = {
    "plain": style(),
    "decimal comma": style(","),
    "American": style(thousands=","),
    "German": style(",", "."),
    "French": style(",", "\u202f"),
    "French, typed": style(",", " "),
    "hard space": style(".", "\u00a0"),
    "thin space": style(",", "\u2009"),
    "Swiss": style(".", "'"),
    "Swiss, curly": style(".", "\u2019"),
    "Swiss comma": style(",", "'"),
    "Indian": style(thousands=",", sizes=(3, 2)),
    "dollars": style(thousands=",", before="$"),
    "dollars, accountant": style(thousands=",", before="$", minus="()"),
    "US dollars": style(thousands=",", before="US$ "),
    "euros": style(",", ".", behind=" €"),
    "euros, before": style(",", ".", before="€"),
    "EUR": style(".", ",", before="EUR "),
    "francs": style(".", "'", before="CHF "),
    "per cent": style(behind=" %"),
    "per cent, comma": style(",", behind="%"),
    "kg/m2": style(behind=" kg/m2"),
    "mg/dl": style(",", behind=" mg/dl"),
    "cells": style(behind=" x10^9/L"),
    "cells, printed": style(",", behind="\u00a0×10\u2079/L"),
    "per microlitre": style(thousands=",", behind=" /µl"),
    "Unicode minus": style(minus="\u2212"),
    "Unicode minus, comma": style(",", ".", minus="\u2212"),
    "minus behind": style(",", ".", minus="behind"),
    "rupiah": style(",", ".", before="Rp "),
    "leva": style(",", " ", behind=" лв"),
    "full width": lambda value, places: style(thousands=",")(value, places).translate(FULL_WIDTH),
    "spaces around": style(",", ".", before="  ", behind="  "),
}
# Columns: low end, high end, decimals at most, whether all cells have as many.
SHAPES = (
    (0.01, 9.99, 2, True), (0.5, 40.0, 1, True), (1.0, 999.0, 2, False), (100.0, 90_000.0, 2, True),
    (0.0, 5_000_000.0, 0, True), (1_000.0, 2_000_000.0, 2, False), (-500.0, 500.0, 1, True),
    (-20_000.0, 80_000.0, 2, True), (0.0, 300.0, 0, True), (10.0, 60_000.0, 3, False),
)  # fmt: skip


def written_column(name, shape, seed, rows=60):
    """A column in a style, and its true numbers."""
    low, high, places, fixed = shape
    rng = np.random.default_rng([seed, sorted(STYLES).index(name)])
    values, texts = [], []
    for _ in range(rows):
        own = places if fixed else int(rng.integers(0, places + 1))
        value = round(float(rng.uniform(low, high)), own)
        values.append(value + 0.0)
        texts.append(STYLES[name](value + 0.0, own))
    return texts, np.array(values)
