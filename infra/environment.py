"""Reads `EXCHANGE_<NAME>` variables. A malformed value stops the process by name, and every variable that is
read is noted, so that the settings page can be checked against the code."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

from compliance.verifier.errors import VerificationError
from compliance.verifier.notes import WitnessKey

Value = TypeVar("Value")
PREFIX = "EXCHANGE_"


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    meaning: str
    is_secret: bool
    options: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """Its meaning with the values it may have, as the settings page has it."""
        if not self.options:
            return self.meaning
        return f"{self.meaning} One of {', '.join(f'`{option}`' for option in self.options)}."


KNOWN: dict[str, Setting] = {}


def text(name: str, default: str, meaning: str, *, shown: str | None = None) -> str:
    """Any text; `shown` is how the settings page writes a default that follows from another setting."""
    value = _read(name, default, meaning, str)
    if shown is not None:
        KNOWN[PREFIX + name] = Setting(PREFIX + name, shown, meaning, is_secret=False)
    return value


def secret(name: str, meaning: str) -> str:
    """Like text, and also from the file that EXCHANGE_<NAME>_FILE names; empty when neither is set."""
    KNOWN[PREFIX + name] = Setting(PREFIX + name, "", meaning, is_secret=True)
    value, file = os.environ.get(PREFIX + name), os.environ.get(f"{PREFIX}{name}_FILE")
    if value is not None and file is not None:
        raise ImproperlyConfigured(f"{PREFIX}{name} and {PREFIX}{name}_FILE are both set; keep one")
    if file is None:
        return value or ""
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{PREFIX}{name}_FILE cannot be read: {error}") from None


def boolean(name: str, default: bool, meaning: str) -> bool:
    return _read(name, str(default), meaning, _boolean)


def whole(name: str, default: int, meaning: str, *, at_least: int = 0, at_most: int | None = None) -> int:
    def parse(value: str) -> int:
        number = int(value)
        if number < at_least or (at_most is not None and number > at_most):
            raise ValueError(f"from {at_least} to {at_most}" if at_most is not None else f"{at_least} or more")
        return number

    return _read(name, str(default), meaning, parse)


def path(name: str, default: Path, meaning: str, *, shown: str) -> Path:
    """A folder or file; `shown` is how the settings page writes the default."""
    value = _read(name, str(default), meaning, str)
    KNOWN[PREFIX + name] = Setting(PREFIX + name, shown, meaning, is_secret=False)
    return Path(value).absolute()


def zone(name: str, default: str, meaning: str) -> str:
    """A time zone by its name in the IANA database."""

    def parse(value: str) -> str:
        if value not in available_timezones():
            raise ValueError("the name of a time zone, such as Europe/Paris")
        return value

    return _read(name, default, meaning, parse)


def day(name: str, default: str, meaning: str) -> str:
    """A day as 2026-11-22; empty for none."""

    def parse(value: str) -> str:
        if value:
            try:
                date.fromisoformat(value)
            except ValueError:
                raise ValueError("a day, such as 2026-11-22") from None
        return value

    return _read(name, default, meaning, parse)


def choice(name: str, default: str, options: tuple[str, ...], meaning: str) -> str:
    def parse(value: str) -> str:
        if value not in options:
            raise ValueError(f"one of {', '.join(options)}")
        return value

    value = _read(name, default, meaning, parse)
    KNOWN[PREFIX + name] = Setting(PREFIX + name, default, meaning, is_secret=False, options=options)
    return value


def words(name: str, default: str, meaning: str) -> list[str]:
    return _read(name, default, meaning, lambda value: [w.strip() for w in value.split(",") if w.strip()])


def networks(name: str, default: str, meaning: str) -> list[str]:
    """Network addresses in CIDR form, by commas."""

    def parse(value: str) -> list[str]:
        found = [w.strip() for w in value.split(",") if w.strip()]
        for word in found:
            try:
                ip_network(word, strict=False)
            except ValueError:
                raise ValueError(f"networks by commas, such as 10.0.0.0/8; {word!r} is none") from None
        return found

    return _read(name, default, meaning, parse)


def witnesses(name: str, default: str, meaning: str) -> list[str]:
    """Keys of witnesses, each with a space and the address to ask, by commas."""

    def parse(value: str) -> list[str]:
        found = []
        for word in (w.strip() for w in value.split(",") if w.strip()):
            key, _, url = word.partition(" ")
            try:
                WitnessKey.parse(key)
            except VerificationError as refusal:
                raise ValueError(f"witnesses by commas, such as name+id+key https://…; {refusal}") from None
            if urlsplit(url).scheme not in ("http", "https"):
                raise ValueError(f"witnesses by commas, such as name+id+key https://…; {word!r} has no address")
            found.append(f"{key} {url.rstrip('/')}")
        return found

    return _read(name, default, meaning, parse)


def unknown() -> list[str]:
    """EXCHANGE_ variables in the environment that no setting reads: misspelt, most likely."""
    return sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name.removesuffix("_FILE") not in KNOWN and name not in KNOWN
    )


def is_set(name: str) -> bool:
    """Whether the environment gives this variable, itself or as the file that holds it."""
    return name in os.environ or f"{name}_FILE" in os.environ


def _boolean(value: str) -> bool:
    if value not in ("True", "False"):
        raise ValueError("True or False")
    return value == "True"


def _read(name: str, default: str, meaning: str, parse: Callable[[str], Value]) -> Value:
    KNOWN[PREFIX + name] = Setting(PREFIX + name, default, meaning, is_secret=False)
    value = os.environ.get(PREFIX + name, default)
    try:
        return parse(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{PREFIX}{name} is {value!r}; it must be {error}") from None
