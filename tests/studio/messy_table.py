"""A table as people have it: semicolons, decimal commas, an identifier, missing values in words."""

import random


def messy_table(n_rows: int = 120) -> bytes:
    """The bytes of the table; its target is "Ill"."""
    draw = random.Random(7)
    lines = ["Patient No;Age;Weight (kg);Town;Ill"]
    for row in range(n_rows):
        age, town = draw.randint(18, 90), draw.choice(["Bern", "Rome", "Oslo"])
        weight = "n/a" if row % 17 == 3 else f"{draw.uniform(50, 110):.1f}".replace(".", ",")
        ill = "yes" if age + draw.gauss(0, 12) > 58 else "no"
        lines.append(f"P{row:05d};{age};{weight};{town};{ill}")
    return ("\n".join(lines) + "\n").encode()
