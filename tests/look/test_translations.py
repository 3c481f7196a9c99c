"""Every sentence has its French: whole, set as French is, and the same wherever the English is the same."""

import re
from collections import defaultdict

import pytest

from infra import translations

CATALOGUES = {app: translations.read(app) for app in translations.APPS}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]")


def parts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]


@pytest.mark.parametrize("app", translations.APPS)
def test_every_sentence_has_its_french(app: str) -> None:
    today = {(message.context, str(message.id)) for message in translations.sentences_of(app) if message.id}
    kept = {(message.context, str(message.id)): message for message in CATALOGUES[app] if message.id}
    assert today - kept.keys() == set(), "run: python -m infra messages"
    assert kept.keys() - today == set(), "run: python -m infra messages"
    assert [message.id for message in kept.values() if not translations.is_translated(message)] == []


@pytest.mark.parametrize("app", translations.APPS)
def test_the_compiled_catalogue_is_that_of_the_written_one(app: str) -> None:
    file = translations.file_of(app)
    if not file.exists():
        assert not [message for message in translations.sentences_of(app) if message.id]
        return
    assert file.with_suffix(".mo").read_bytes() == translations.compiled(CATALOGUES[app])


@pytest.mark.parametrize("app", translations.APPS)
def test_french_keeps_what_is_filled_in(app: str) -> None:
    for message in CATALOGUES[app]:
        if message.id:
            for english, french in zip(parts(message.id), parts(message.string), strict=True):
                assert set(PLACEHOLDER.findall(french)) == set(PLACEHOLDER.findall(english)), message.id


@pytest.mark.parametrize("app", translations.APPS)
def test_french_is_set_as_french_is(app: str) -> None:
    wrong = [
        part
        for message in CATALOGUES[app]
        if message.id
        for part in parts(message.string)
        if re.search(r"[^\u00a0\s][;?!»](?:\s|$)|[ \u202f][:;?!»€](?:\s|$)|«[^\u00a0]|[^\W\d_]'[^\W\d_]", part)
    ]
    assert wrong == []


def test_one_english_sentence_has_one_french() -> None:
    found: dict[tuple[str | None, str], dict[str, list[str]]] = defaultdict(dict)
    for app, catalogue in CATALOGUES.items():
        for message in catalogue:
            if message.id:
                key = (message.context, parts(message.id)[0])
                found[key].setdefault(str(parts(message.string)), []).append(app)
    assert {key: said for key, said in found.items() if len(said) > 1} == {}
