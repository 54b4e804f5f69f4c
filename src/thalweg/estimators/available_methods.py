"""Methods that only some models have; for the others, an AttributeError says why not."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from types import MethodType
from typing import Any, TypeVar, cast

from thalweg.estimators.outputs.several_outputs import asks_one_target
from thalweg.wording import spelled

Method = TypeVar("Method", bound=Callable[..., Any])


class Unheard:
    """The mixin for scikit-learn before 1.9, which has no callbacks."""


# The mixin that gives an estimator ``set_callbacks`` (`thalweg.estimators.learning` calls them).
Heard: Any = (
    import_module("sklearn.callback").CallbackSupportMixin
    if find_spec("sklearn.callback")
    else Unheard
)


class _ThereUnless:
    """A method if ``why_not`` returns None; otherwise an AttributeError with the reason."""

    def __init__(self, method: Callable[..., Any], why_not: Callable[[Any], str | None]) -> None:
        self.method, self.why_not = method, why_not
        self.__doc__ = method.__doc__
        self.__module__ = method.__module__  # where doctest looks for its examples

    def __get__(self, model: Any, kind: type | None = None) -> Any:
        if model is None:  # read from the class, for its documentation
            return self.method
        why = self.why_not(model)
        if why is not None:
            name = self.method.__name__
            raise AttributeError(
                spelled(f"This {type(model).__name__} has no {name}: {why}"), name=name, obj=model
            )
        return MethodType(self.method, model)


def there_unless(why_not: Callable[[Any], str | None]) -> Callable[[Method], Method]:
    """Decorate a method so that it exists, for ``hasattr`` too, only where it is of use.

    Parameters
    ----------
    why_not : callable
        Takes the model; returns None, or why there is no such method, as the end of a sentence.
    """

    def made(method: Method) -> Method:
        return cast(Method, _ThereUnless(method, why_not))

    return made


def of_one_target(method: Method) -> Method:
    """Decorate a method that only a model of one target can answer.

    A model of several raises a SettingsError that says how to ask the model of one of them.
    """

    @wraps(method)
    def asked(model: Any, *given: Any, **named: Any) -> Any:
        known = model._fitted
        if known is not None and known.several is not None:
            raise asks_one_target(known.several.names, method.__name__)
        return method(model, *given, **named)

    return cast(Method, asked)
