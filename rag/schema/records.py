"""Convert dataclasses to plain JSON and back, without loss.

A record has the fields of its noun under their own names; tuples and sets become lists, and a number that JSON lacks
(``nan``, ``inf``) its name. A field that a record lacks has its default, one that the noun lacks is passed over: so
older and newer versions of youju read each other's records as far as that goes. Everything else that does not fit is
an error that names the place.

The one codec of what is kept; what is only shown to people and programs (``Answer.to_dict``, the trace) is a selection
and made where it is shown. Neither pydantic nor msgspec does it: both refuse text that UTF-8 cannot hold (half a
surrogate pair), which questions of kept conversations have; here it goes through as it is, and ``json.dumps`` writes it
where ``ensure_ascii`` is on. Knows nothing of files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from rag.errors import RecordError
from rag.schema import answers, documents, messages, search

__all__ = ["from_record", "to_record"]

Noun = TypeVar("Noun")

_SHOWN_CHARS: Final = 60  # of a value that does not fit
_KINDS: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false", NoneType: "null"}
_NO_JSON: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_record(noun: object) -> dict[str, Any]:
    """A noun (a frozen dataclass) as plain JSON."""
    return {field.name: _plain(getattr(noun, field.name)) for field in fields(noun)}  # type: ignore[arg-type]


def from_record(kind: type[Noun], record: object) -> Noun:
    """Make a noun of its record.

    Args:
        kind: The noun's class.
        record: What :func:`to_record` made, or anything else that claims to be it.

    Returns:
        What is equal to the noun that the record was made of.

    Raises:
        RecordError: A field is missing, or holds what does not belong there.
    """
    made: Noun = _noun(kind, record, kind.__name__)
    return made


def _plain(value: object) -> Any:  # noqa: ANN401 - anything that JSON has
    if is_dataclass(value):
        return to_record(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(float(value))
    return value


@cache
def _types(kind: type) -> dict[str, Any]:
    """The type of each field; a file that imports nouns for its types alone has them from here."""
    return get_type_hints(kind, localns=vars(documents) | vars(messages) | vars(search) | vars(answers))


def _noun(kind: Any, record: object, where: str) -> Any:  # noqa: ANN401 - an instance of kind
    if not isinstance(record, Mapping):
        raise _wrong(where, "an object", record)
    types = _types(kind)
    values = {}
    for field in fields(kind):
        if field.name in record:
            values[field.name] = _value(types[field.name], record[field.name], f"{where}.{field.name}")
        elif _required(field):
            raise RecordError(
                f"A record cannot be read: {where} lacks {field.name!r}. It was damaged, or youju did not write it."
            )
    return kind(**values)


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _value(kind: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - of the type that kind says
    """A value of a record as a field's own type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):  # only "something or None" stands in our nouns
        (other,) = (argument for argument in arguments if argument is not NoneType)
        return None if value is None else _value(other, value, where)
    if origin is Literal:
        if value not in arguments or isinstance(value, bool):
            raise _wrong(where, f"one of {', '.join(map(str, arguments))}", value)
        return value
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value not in set(kind):
            raise _wrong(where, f"one of {', '.join(kind)}", value)
        return kind(value)
    if origin in (tuple, frozenset):
        return origin(_items(arguments, value, where))
    if is_dataclass(kind):
        return _noun(kind, value, where)
    return _scalar(kind, value, where)


def _items(arguments: tuple[Any, ...], value: object, where: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _wrong(where, "a list", value)
    if arguments[1:] in ((), (...,)):
        arguments = arguments[:1] * len(value)
    if len(arguments) != len(value):
        raise _wrong(where, f"a list of {len(arguments)}", value)
    pairs = enumerate(zip(arguments, value, strict=True))
    return [_value(argument, item, f"{where}[{position}]") for position, (argument, item) in pairs]


def _scalar(kind: type, value: object, where: str) -> object:
    if kind is float and isinstance(value, str) and value in _NO_JSON:
        return _NO_JSON[value]
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise _wrong(where, _KINDS.get(kind, kind.__name__), value)
    return value


def _wrong(where: str, expected: str, found: object) -> RecordError:
    shown = repr(found)
    shown = shown if len(shown) <= _SHOWN_CHARS else shown[:_SHOWN_CHARS] + "..."
    return RecordError(
        f"A record cannot be read: {where} is {shown}, expected {expected}. It was damaged, or youju did not write it."
    )
