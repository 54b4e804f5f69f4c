"""The command line: registers the verbs, runs one, and returns its exit code.

Each verb has a module of its own. It imports what it works with only when it runs, so that
``thalweg --help`` is fast.
"""

from functools import cache, partial
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from thalweg import __version__
from thalweg.cli.command_line import known_command
from thalweg.cli.console_listener import Talk, no_output, write_stdout, write_text
from thalweg.cli.early_end import end_run, verb_of
from thalweg.cli.exports.export import export
from thalweg.cli.machine.studio import studio
from thalweg.cli.machine.warm import warm
from thalweg.cli.options.option_groups import SETS, with_usual_level
from thalweg.cli.signals import Stopped, ended_by_signals
from thalweg.cli.teaching.lesson import lesson
from thalweg.cli.teaching.sweep import sweep
from thalweg.cli.tuning.tune import tune
from thalweg.cli.verbs.card import card
from thalweg.cli.verbs.check import check
from thalweg.cli.verbs.decide import decide
from thalweg.cli.verbs.drift import drift
from thalweg.cli.verbs.evaluate import evaluate
from thalweg.cli.verbs.explain import explain
from thalweg.cli.verbs.fit import fit
from thalweg.cli.verbs.landscape import landscape
from thalweg.cli.verbs.predict import predict
from thalweg.cli.verbs.report import report
from thalweg.cli.verbs.show import show
from thalweg.cli.verbs.trace import trace
from thalweg.errors import SettingsError


def _print_help(context: typer.Context, option: object, asked: bool) -> None:
    del option
    if asked and not context.resilient_parsing:
        write_text(f"{context.get_help()}\n")
        raise typer.Exit


# Typer's own printing of the help ends with 1 if the reader has closed the pipe, and with 0 if
# there is no stdout. The types here have no public names in typer.
class _Verb(TyperCommand):
    def get_help_option(self, ctx: Any) -> Any:
        return _printed_here(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Also of an option whose value may be left out, which typer does not have."""
        has = any(SETS in option.opts for option in self.params)
        return super().parse_args(ctx, with_usual_level(args) if has else args)


class _Program(TyperGroup):
    def get_help_option(self, ctx: Any) -> Any:
        return _printed_here(super().get_help_option(ctx))


def _printed_here(option: Any) -> Any:
    option.callback = _print_help
    return option


app = typer.Typer(
    name="thalweg",
    cls=_Program,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_verb = partial(app.command, cls=_Verb)


def _examples(*lines: str) -> str:
    """Examples below the help of a verb, one on each line."""
    # The mark \b keeps typer from rewrapping these lines.
    return "\n  ".join(("\b\nExamples:", *lines))


_verb(
    epilog=_examples(
        "thalweg check wisconsin",
        "thalweg check my.csv --target diagnosis --group patient_id --test new.csv",
    )
)(check)
_verb(
    epilog=_examples(
        "thalweg fit wisconsin",
        "thalweg fit my.csv --target diagnosis --positive malignant -o my.safetensors",
    )
)(fit)
_verb(
    epilog=_examples(
        "thalweg tune wisconsin --time-limit 2m -o best.safetensors",
        "thalweg tune my.csv --target diagnosis --trials 50 --study s.journal -o best.safetensors",
    )
)(tune)
_verb(
    epilog=_examples(
        "thalweg evaluate wisconsin",
        "thalweg evaluate my.safetensors new.csv",
    )
)(evaluate)
_verb(
    epilog=_examples(
        "thalweg decide my.safetensors --missed 9 --alarm 1 -o decided.safetensors",
        "thalweg decide my.safetensors new.csv --sensitivity 0.95",
    )
)(decide)
_verb(epilog=_examples("thalweg drift my.safetensors new.csv"))(drift)
_verb(
    epilog=_examples(
        "thalweg explain my.safetensors new.csv --row 23",
        "thalweg explain my.safetensors new.csv --row 23 --set age=50 --change age,weight",
    )
)(explain)
_verb(
    epilog=_examples(
        "thalweg export my.safetensors -o my.onnx",
        "thalweg export my.safetensors -o my.py --check new.csv",
    )
)(export)
_verb(
    epilog=_examples(
        "thalweg landscape wisconsin -o race.gif",
        "thalweg landscape my.safetensors my.csv --view profile -o way.png",
        "thalweg landscape hills -o hills.html",
    )
)(landscape)
_verb(
    epilog=_examples(
        "thalweg predict my.safetensors new.csv -o predictions.csv",
        "cat new.csv | thalweg predict my.safetensors - | head",
    )
)(predict)
_verb(
    epilog=_examples(
        "thalweg card my.safetensors --write-about about.toml",
        "thalweg card my.safetensors --about about.toml -o card.html",
        "thalweg card my.safetensors --check card.json",
    )
)(card)
_verb(epilog=_examples("thalweg report my.safetensors -o my.html"))(report)
_verb(epilog=_examples("thalweg show my.safetensors"))(show)
_verb(
    epilog=_examples(
        'thalweg trace wisconsin --row 2 --activation tanh --weight "W1[3,2]"',
        "thalweg trace my.safetensors new.csv --row 1 -o row.html",
        "thalweg trace my.safetensors --check --plant sign",
        "thalweg trace --lesson derivative",
    )
)(trace)

_verb(
    epilog=_examples(
        "thalweg lesson --list",
        "thalweg lesson derivative -o derivative.html",
        "thalweg lesson derivative --students 30 --seed 42 -o sheets",
    )
)(lesson)

_verb(
    epilog=_examples(
        "thalweg sweep wisconsin -o sweep.html",
        "thalweg sweep my.csv --target diagnosis --over learning_rate_init=1e-4..1e-1 -o rate.html",
        "thalweg sweep my.csv --target diagnosis --rates 0.01,0.1,1 --units 4,15,64",
    )
)(sweep)
_verb(epilog=_examples("thalweg studio", "thalweg studio my.csv --no-browser"))(studio)
_verb(epilog=_examples("thalweg warm"))(warm)


def _version(asked: bool) -> None:
    if asked:
        write_stdout(f"thalweg {__version__}\n".encode())
        raise typer.Exit


@app.callback()
def thalweg(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Neural networks for tables, written from scratch: train, evaluate, predict."""


@cache
def program() -> Any:
    """All verbs with their options, made once: a process may run many command lines."""
    return get_command(app)


def dispatch(arguments: list[str]) -> int:
    """Run the command line; returns the exit code."""
    verb = verb_of(arguments)
    talk = Talk(verb, as_json="--json" in arguments)
    with ended_by_signals() as came, known_command(arguments):
        try:
            words = arguments or ["--help"]
            code = program()(words, prog_name="thalweg", standalone_mode=False) or 0
        except Stopped as stopped:  # before the verb began its work
            code = talk.fail(stopped)
        except Exception as error:
            code = talk.fail(_complaint(error, verb))
        # A signal outside a verb's own work has only stopped typer.
        unreported = [each for each in came if not each.reported]
        if code and unreported:
            code = talk.fail(unreported[0])
        end_run()
    return code


def _complaint(error: Exception, verb: str | None) -> Exception:
    """The error for a wrong command line, as a SettingsError."""
    # All classes that typer has for such errors have this method.
    message = getattr(error, "format_message", None)
    if message is None:
        # Verbs report their own errors, so this OSError comes from typer's own output.
        if type(error) is OSError:
            return no_output(str(error.strerror), error.errno)
        return error
    if isinstance(error.__cause__, SettingsError):
        return error.__cause__
    command = f"thalweg {verb}" if verb else "thalweg"
    return SettingsError(message(), fix=f"see {command} --help")
