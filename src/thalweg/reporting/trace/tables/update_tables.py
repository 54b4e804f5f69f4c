"""The tables of an update: how the optimizer uses a derivative, step by step."""

from collections.abc import Mapping, Sequence
from typing import Any

from thalweg.reporting.trace.tables.digits import number
from thalweg.reporting.trace.tables.trace_tables import Section

Facts = Mapping[str, Any]

# The numbers that all weights share in a step, as the tables name them.
_TERMS = {
    "rate": "learning rate η",
    "momentum": "momentum μ",
    "epsilon": "ε",
    "rho": "ρ",
    "rest": "1 - ρ",
    "beta_1": "β₁",
    "beta_2": "β₂",
    "rest_1": "1 - β₁",
    "rest_2": "1 - β₂",
    "now": "μ now",
    "soon": "μ next",
}
# Rules that correct for an empty memory, in the learning rate and in ε.
_CORRECTED = ("adam", "adamw", "nadam")
_CORRECTED_TERMS = {"rate": "corrected learning rate", "epsilon": "corrected ε"}


def update_sections(data: Facts) -> list[Section]:
    """How the optimizer uses the derivative, step by step."""
    title = f"The update of {data['name']}: {data['optimizer']}"
    if data["why_not"]:
        return [Section(title, (data["why_not"],))]
    if not data["steps"]:
        return [Section(title, ("The first step gives numbers that are not finite.",))]
    terms = list(data["steps"][0]["terms"])
    numbers = [[step["terms"][name] for name in terms] for step in data["steps"]]
    corrected = data["rule"] in _CORRECTED
    words = ["What the rule computes once in each step."]
    if corrected:
        words.append(
            "The corrected learning rate and ε contain the corrections for an empty memory."
        )
    names = {**_TERMS, **(_CORRECTED_TERMS if corrected else {})}
    same = Section(
        f"What is the same for every weight{' of this block' if data['factor'] != 1 else ''}",
        (" ".join(words),),
        ("step", *(names.get(term, term) for term in terms)),
        _by_step(data["steps"], numbers),
    )
    return [*_step_sections(title, data), same]


def _step_sections(title: str, data: Facts) -> list[Section]:
    """The gradient with the memory of the rule, and the weight before and after."""
    steps, memory, name = data["steps"], data["memory"], data["name"]
    clipped = any(step["clipped"] != 1 for step in steps)
    decayed = any(step["decayed"] != 1 for step in steps)
    loss = "loss with penalty" if data["has_penalty"] else "loss"
    heads = ["step", loss, "gradient", *(["clipped to"] if clipped else []), *memory]
    learned = [
        [step["loss"], step["gradient"]]
        + ([step["gradient"] * step["clipped"]] if clipped else [])
        + [step["after"][each] for each in memory]
        for step in steps
    ]
    words = (
        f"{data['formula']}. {_rate_words(data)} The rule learns from these rows alone. "
        f"{_memory_words(data)}",
        *_ending_words(data),
    )
    moved = [
        [step["theta"]]
        + ([step["theta"] * step["decayed"]] if decayed else [])
        + [step["moved"], step["moved"] - step["theta"]]
        for step in steps
    ]
    columns = ("step", f"{name} before", *(["decayed to"] if decayed else []), "after", "change")
    return [
        Section(title, words, tuple(heads), _by_step(steps, learned)),
        *_scale_sections(data),
        Section(f"So {name} moves", (), columns, _by_step(steps, moved)),
    ]


def _scale_sections(data: Facts) -> list[Section]:
    """A weight of the first layer as v · s, where the inputs have scales."""
    scaled, name = [step["scaled"] for step in data["steps"]], data["name"]
    if not scaled[0]:
        return []
    words = (
        f"Training writes {name} as v · s, where s is the scale of its input. So dL/dv = s · "
        "gradient, and dL/ds is the sum of v · gradient over all units of the layer. The rule "
        f"moves v, and s with {number(data['scales'])} times the learning rate. Its memory above "
        f"is that of v. After the step, {name} is v · s."
    )
    keys = ("scale", "weight", "gradient", "slope", "moved", "next_scale")
    return [
        Section(
            f"The scale of the input of {name}",
            (words,),
            ("step", "s before", "v before", "dL/dv", "dL/ds", "v after", "s after"),
            _by_step(data["steps"], [[each[key] for key in keys] for each in scaled]),
        )
    ]


def _rate_words(data: Facts) -> str:
    """The learning rate of the steps, and what it leaves out."""
    of_block = "" if data["factor"] == 1 else f" times the block's factor {number(data['factor'])}"
    unused = ": the schedule is not used here" if data["has_schedule"] else ""
    return f"The learning rate η is {number(data['rate'])}{of_block} in every step{unused}."


def _ending_words(data: Facts) -> list[str]:
    """That the next step would not give finite numbers, where fewer are shown than were asked."""
    shown, asked = len(data["steps"]), data["asked"]
    if shown == asked:
        return []
    return [
        f"Step {shown + 1} gives numbers that are not finite: of {asked:,} steps "
        f"{shown:,} {'is' if shown == 1 else 'are'} shown."
    ]


def _memory_words(data: Facts) -> str:
    if data["rule"] == "sgd" and not data["steps"][0]["terms"]["momentum"]:
        return "With μ = 0 it has no memory: v is the gradient."
    return "It starts from an empty memory, which is shown after each step."


def _by_step(
    steps: Sequence[Facts], numbers: Sequence[Sequence[float]]
) -> tuple[tuple[str, ...], ...]:
    """One table row for each step: its number, and numbers."""
    return tuple(
        (str(step["step"]), *map(number, row)) for step, row in zip(steps, numbers, strict=True)
    )
