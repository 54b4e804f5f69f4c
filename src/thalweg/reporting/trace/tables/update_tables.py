"""The tables of an update: how the optimizer uses a derivative, step by step."""

from collections.abc import Mapping, Sequence
from typing import Any

from thalweg.network.formulas.input_scales import LEAST
from thalweg.reporting.trace.tables.digits import number
from thalweg.reporting.trace.tables.trace_tables import Section

Facts = Mapping[str, Any]

# Of at most so many steps the formula is shown in full.
FULL_STEPS = 3
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
    scaled = bool(steps[0]["scaled"])
    # With a scale, it is not the weight that decays, but its V, which has a table of its own.
    decayed = not scaled and _decays(steps)
    loss = "loss with penalty" if data["has_penalty"] else "loss"
    heads = ["step", loss, "gradient", *(["clipped to"] if clipped else [])]
    heads += [*(["dL/dV"] if scaled else []), *_memory_heads(data)]
    learned = [
        [step["loss"], step["gradient"]]
        + ([step["gradient"] * step["clipped"]] if clipped else [])
        + ([step["scaled"]["gradient"]] if scaled else [])
        + [step["after"][each] for each in memory]
        for step in steps
    ]
    words = (
        f"{data['formula']}. {_rate_words(data)} The rule learns from these rows alone. "
        f"{_memory_words(data, clipped)}",
        *([_scaled_words(data, clipped)] if scaled else []),
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
        *(_scale_sections(data) if scaled else []),
        _full_section(data),
        Section(f"So {name} moves", (), columns, _by_step(steps, moved)),
    ]


def _full_section(data: Facts) -> Section:
    """Every quantity of the formula in the first steps, m̂ and v̂ among them."""
    steps, name = data["steps"][:FULL_STEPS], data["name"]
    heads = ("", "formula", *(f"step {step['step']}" for step in steps))
    lines = [
        (each["name"], each["formula"], *(number(step["in_full"][k]["value"]) for step in steps))
        for k, each in enumerate(steps[0]["in_full"])
    ]
    letter = f"V of {name}" if steps[0]["scaled"] else name
    decays = " W decays before it." if _decays(steps) else ""
    words = (
        f"η is {number(data['rate'] * data['factor'])}. The last line is added to {letter}.{decays}"
    )
    return Section("The formula in full", (words,), heads, tuple(lines))


def _decays(steps: Sequence[Facts]) -> bool:
    return any(step["decayed"] != 1 for step in steps)


def _scaled_words(data: Facts, clipped: bool) -> str:
    """How the formula of the rule is to be read for a weight with a scale of its input."""
    name, g = data["name"], "clipped gradient" if clipped else "gradient"
    return (
        f"{name} is written as V · s, where s is the scale of its input. In the formula, θ is V "
        f"and g is dL/dV = s · {g}.{_memory_of('V', data)}"
    )


def _memory_of(letter: str, data: Facts) -> str:
    """Whose memory a table shows."""
    if _forgets(data):
        return ""
    return f" The memory in this table ({', '.join(_memory_heads(data))}) is that of {letter}."


def _memory_heads(data: Facts) -> list[str]:
    """The names of the memory; AdaGrad's s is told apart from the scale s."""
    scaled = data["steps"][0]["scaled"]
    return [f"{each} (memory)" if scaled and each == "s" else each for each in data["memory"]]


def _forgets(data: Facts) -> bool:
    """Whether the rule has no memory: plain descent, whose v is the slope itself."""
    return bool(data["rule"] == "sgd" and not data["steps"][0]["terms"]["momentum"])


def _scale_sections(data: Facts) -> list[Section]:
    """V and s of a weight of the first layer, where the inputs have scales."""
    steps, memory, name = data["steps"], data["memory"], data["name"]
    decayed = _decays(steps)
    of_weight = [
        [step["scaled"]["weight"]]
        + ([step["scaled"]["weight"] * step["decayed"]] if decayed else [])
        + [step["scaled"][key] for key in ("gradient", "moved", "next_scale")]
        + [step["scaled"]["moved"] * step["scaled"]["next_scale"]]
        for step in steps
    ]
    of_scale = [
        [step["scaled"]["scale"], step["scaled"]["slope"]]
        + [step["scaled"]["after"][each] for each in memory]
        + [step["scaled"]["next_scale"]]
        for step in steps
    ]
    heads = ("step", "V before", *(["decayed to"] if decayed else []), "dL/dV", "V after")
    return [
        Section(
            f"{name} is written as V · s",
            (
                f"After each step, {name} is V · s again, of V after and s after."
                + (" Weight decay acts on V, and not on s." if decayed else ""),
            ),
            (*heads, "s after", name),
            _by_step(steps, of_weight),
        ),
        Section(
            f"The scale s of the input of {name}",
            (_scale_words(data),),
            ("step", "s before", "dL/ds", *_memory_heads(data), "s after"),
            _by_step(steps, of_scale),
        ),
    ]


def _scale_words(data: Facts) -> str:
    """The derivative, the learning rate, the memory and the floor of the scale."""
    steps = data["steps"]
    clipped = any(step["clipped"] != 1 for step in steps)
    said = (
        f"dL/ds is the sum of V · {'clipped gradient' if clipped else 'gradient'} over all units "
        f"of the layer. The rule moves s with {number(data['scales'])} times the learning rate of "
        f"V.{_memory_of('s', data)}"
    )
    held = [step["step"] for step in steps if step["scaled"]["held"]]
    if held:
        where = f"step{'s' if len(held) > 1 else ''} {', '.join(map(str, held))}"
        said += f" s stays at least {number(LEAST)}: in {where} the rule alone would move it lower."
    return said


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


def _memory_words(data: Facts, clipped: bool) -> str:
    if _forgets(data):
        gradient = "clipped gradient" if clipped else "gradient"
        learned = "dL/dV" if data["steps"][0]["scaled"] else f"the {gradient}"
        return f"With μ = 0 it has no memory: v is {learned}."
    return "It starts from an empty memory, which is shown after each step."


def _by_step(
    steps: Sequence[Facts], numbers: Sequence[Sequence[float]]
) -> tuple[tuple[str, ...], ...]:
    """One table row for each step: its number, and numbers."""
    return tuple(
        (str(step["step"]), *map(number, row)) for step, row in zip(steps, numbers, strict=True)
    )
