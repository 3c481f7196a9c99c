"""Questions to the log as Events say them, and back: ids, words and times by the names of their fields."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from exchange.kernel.canonical import Fact
from exchange.kernel.text import timestamp

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Question = TypeVar("Question", bound=DataclassInstance)

MOMENTS = ("since", "until")


def facts_of(question: "DataclassInstance") -> dict[str, Fact]:
    """What an Event says of a question; what it does not ask is left out."""
    asked = {field.name: getattr(question, field.name) for field in fields(question)}
    return {
        name: timestamp(value) if isinstance(value, datetime) else str(value)
        for name, value in asked.items()
        if value is not None
    }


def read(kind: "type[Question]", facts: Mapping[str, str], ids: tuple[str, ...]) -> "Question":
    """The question that `facts` wrote; `ids` are those of its fields that hold ids."""
    readers: dict[str, Any] = {**dict.fromkeys(ids, UUID), **dict.fromkeys(MOMENTS, datetime.fromisoformat)}
    given: dict[str, Any] = {name: readers.get(name, str)(value) for name, value in facts.items()}
    return kind(**given)
