"""Any plan of a learning rate, for Hypothesis."""

from hypothesis import strategies as st

from thalweg.training.descent.schedules import (
    SCHEDULES,
    Plan,
)


@st.composite
def plans(draw, names=tuple(SCHEDULES)):
    """Any plan that a text can say."""
    formula = SCHEDULES[draw(st.sampled_from(sorted(names)))]
    constants = {}
    for name, each in formula.constants.items():
        low, high = each.range.low, each.range.high
        if each.range.whole:
            constants[name] = float(draw(st.integers(int(low), int(high))))
        else:
            constants[name] = draw(st.floats(low, high).filter(each.range.has))
    warmup = draw(st.sampled_from([0.0, 0.0, 0.1]) | st.floats(0, 1, exclude_max=True))
    return Plan.of(formula.name, warmup=warmup, **constants)
