"""The documentation says what the code says: links lead somewhere, names exist, tables are those of the code."""

import ast
import contextlib
import importlib
import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from contracts.clauses import LIBRARY, purposes
from contracts.clauses import parameters as types
from contracts.clauses.declaration import Standing
from contracts.transfers import admission
from exchange.kernel.actors import Actor
from exchange.participants.actors.actors import DESK_SCOPES, ROLE_SCOPES
from exchange.participants.models import ApiClient, Invitation, Member, Participant
from infra import environment
from tests.architecture.sources import FLOORS, dotted, functions, modules, tree
from tests.docs import pages
from tests.docs.pages import DOCS, PAGES, ROOT

SELLER, REFUSALS, GLOSSARY = DOCS / "use/seller.md", DOCS / "use/refusals.md", DOCS / "glossary.md"
FILES = {
    "css",
    "csv",
    "html",
    "json",
    "kek",
    "key",
    "md",
    "pem",
    "py",
    "secret",
    "sqlite3",
    "toml",
    "txt",
    "yaml",
}
each_page = pytest.mark.parametrize("page", PAGES, ids=pages.name)


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for target in pages.links(page):
        path, _, place = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (place and place not in pages.anchors(there)):
            lost.append(target)
    assert lost == []


@each_page
def test_every_name_in_backticks_exists(page: Path) -> None:
    named = [span.removesuffix("()") for span in pages.spans(page)]
    names = [span for span in named if re.fullmatch(r"[A-Za-z_]+(\.[A-Za-z_]+)+", span)]
    assert [span for span in names if span.rpartition(".")[2] not in FILES and not exists(span)] == []


@each_page
def test_every_path_in_backticks_exists(page: Path) -> None:
    tops = "|".join([*FLOORS, "tests", "docs", "requirements"])
    named = [span for span in pages.spans(page) if re.fullmatch(rf"({tops})/[\w./-]*", span)]
    assert [span for span in named if not (ROOT / span).exists()] == []


@each_page
def test_every_setting_that_is_named_is_one(page: Path) -> None:
    named = set(re.findall(r"EXCHANGE_[A-Z0-9_]+", page.read_text()))
    unknown = {
        one for one in named if not one.endswith("_") and one.removesuffix("_FILE") not in environment.KNOWN
    }
    assert unknown == set()


def exists(span: str) -> bool:
    """Whether a dotted name is an Event's, a module's, or that of something in a module of ours."""
    first, *rest = span.split(".")
    if span in words() or first == "django":
        return True
    if first == "by":
        return reaches(Actor, rest)
    holders = [dotted(path) for path in modules() if dotted(path).split(".")[-1] == first]
    found = [importlib.import_module(holder) for holder in holders]
    found += [
        vars(module)[first] for module in map(importlib.import_module, map(dotted, classes().get(first, [])))
    ]
    if first in FLOORS:
        with contextlib.suppress(ImportError):
            importlib.import_module(span)
            return True
        with contextlib.suppress(ImportError):
            found.append(importlib.import_module(span.rpartition(".")[0]))
            return hasattr(found[-1], rest[-1]) or any(reaches(one, rest) for one in found)
    return any(reaches(one, rest) for one in found)


def reaches(holder: Any, names: list[str]) -> bool:
    for one in names:
        if not hasattr(holder, one) and one not in getattr(holder, "__annotations__", {}):
            return False
        holder = getattr(holder, one, None)
    return True


@cache
def words() -> frozenset[str]:
    """Dotted words that the code spells as text, above all the names of Events."""
    nodes = (node for path in modules() for node in ast.walk(tree(path)))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return frozenset(text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text))


@cache
def classes() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in modules():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(path)
    return found


def test_the_glossary_has_a_word_for_every_model_and_every_module_of_verbs() -> None:
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]
    nouns = {re.sub(r"(?<=[a-z])(?=[A-Z])", " ", model.__name__).lower() for model in ours}
    verbs = {
        path for path in modules() for node in functions(path) if is_atomic(node) and path.parts[-2] != "log"
    }
    nouns |= {path.stem.replace("_", " ").removesuffix("s") for path in verbs if path.is_relative_to(ROOT)}
    said = ", ".join(re.findall(r"^\| ([^|]+) \|", GLOSSARY.read_text(), re.MULTILINE)).lower()
    assert {noun for noun in nouns if noun not in said and noun != "look"} == set()


def is_atomic(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_the_table_of_clauses_is_the_library() -> None:
    said = [cells[:3] for cells in pages.rows(SELLER, "Clauses")]
    library = [
        [
            f"`{kind}`",
            "; ".join(f"`{name}`{if_any(one)}: {taken(one)}" for name, one in clause.parameters.items()),
            clause.standing
            if isinstance(clause.standing, Standing)
            else "enforced where `is_checked`, else promised",
        ]
        for kind, clause in LIBRARY.items()
    ]
    assert said == library
    silent = [cells[0].strip("`") for cells in pages.rows(SELLER, "Clauses") if cells[3] == "not allowed"]
    assert silent == [kind for kind, clause in LIBRARY.items() if clause.when_silent]


def if_any(parameter: types.Parameter) -> str:
    return ", if any" if isinstance(parameter, types.Maybe) else ""


def taken(parameter: types.Parameter) -> str:
    """What a clause's parameter takes, in words."""
    match parameter:
        case types.Maybe():
            return taken(parameter.parameter)
        case types.Known():
            return ITEM[parameter.item.__name__]
        case types.Clock():
            return f"a time, 00:00 to {parameter.latest}"
        case types.Whole():
            return f"{parameter.at_least} to {parameter.at_most}"
        case types.Flag():
            return "true or false"
        case types.Choice():
            return f"one of {', '.join(parameter.words)}"
        case types.Line():
            return f"a line of at most {parameter.at_most} characters"
        case types.Day():
            return "a date, YYYY-MM-DD"
        case types.Several():
            return f"1 to {parameter.at_most} {ITEMS[parameter.item.__name__]}"
    raise AssertionError(f"no words for {parameter}")


ITEM = {
    "country": "a country",
    "currency": "an ISO 4217 code",
    "digest": "a SHA-256 in hexadecimal",
    "licence": "an SPDX id",
    "zone": "a time zone, such as Europe/Paris",
}
ITEMS = {
    "channel": "ways of gateway, sharing, bucket",
    "company": "names",
    "weekday": "days of mon, tue, wed, thu, fri, sat, sun",
    "purpose": "purposes",
    "sector": "sections of NACE Rev. 2.1, A to V",
    "place": "countries, or the groups EEA and ADEQUATE",
    "participant": "ids of participants",
    "address_range": "address ranges, such as 192.0.2.0/24",
}


def test_the_table_of_purposes_is_the_vocabulary() -> None:
    said = pages.rows(SELLER, "Purposes")
    known = purposes.PURPOSES.values()
    assert said == [[f"`{one.code}`", one.en, ", ".join(f"`{code}`" for code in one.wider)] for one in known]


def test_the_table_of_roles_is_the_codes() -> None:
    said = pages.rows(DOCS / "use/operator.md", "Roles")
    held = [[f"`{role}`", listed(ROLE_SCOPES[role]), listed(DESK_SCOPES.get(role, ()))] for role in Member.Role]
    assert said == held


def listed(scopes: Any) -> str:
    return ", ".join(sorted(str(scope) for scope in scopes))


@pytest.mark.parametrize(
    ("page", "noun"),
    [
        *(("seller", noun) for noun in ("Dataset", "Revision", "Offer", "Hold")),
        *(("buyer", noun) for noun in ("Negotiation", "Agreement", "Charge", "Entitlement", "Transfer")),
        ("officer", "Review"),
        ("operator", "Participant"),
    ],
)
def test_the_states_that_are_explained_are_all_there_are(page: str, noun: str) -> None:
    model: Any = next(model for model in apps.get_models() if model.__name__ == noun)
    assert pages.first_words(DOCS / f"use/{page}.md", noun) == model.State.values


def test_every_code_of_a_refusal_is_explained_and_no_other() -> None:
    headings = re.findall(r"^## (.+)$", REFUSALS.read_text(), re.MULTILINE)
    explained = {word for heading in headings for word in pages.first_words(REFUSALS, heading)}
    assert explained == codes()


def test_what_the_gateway_says_is_quoted() -> None:
    said = {cells[0].strip("`"): cells[1] for cells in pages.rows(REFUSALS, "Links and downloads")}
    assert {code: said.get(code) for code in admission.SENTENCES} == admission.SENTENCES


@cache
def codes() -> frozenset[str]:
    """Every code that the code refuses with: given by name, by default, or to the makers of problem documents."""
    found = {"condition_not_met", "unknown_legal_basis", "unknown_article_9_ground"}  # spelt from parts
    for path in modules():
        if path.parts[-2] != "verifier":
            for node in ast.walk(tree(path)):
                found |= set(codes_in(node))
    found |= {*admission.SENTENCES, *admission.STATE_REFUSALS.values()}
    return frozenset(found | set(importlib.import_module("payments.models").ProviderEvent.FOR_THE_OPERATOR))


CODE_GIVEN_TO = {"problem": 1, "answer_problem": 2, "_Refused": 1, "OAuthRefusal": 0, "Lack": 0}


def codes_in(node: ast.AST) -> list[str]:
    given: list[ast.expr] = []
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        # a condition's code is an account's
        given = [word.value for word in node.keywords if word.arg == "code" and called != "Q"]
        given += node.args[CODE_GIVEN_TO.get(called, len(node.args)) :][:1]
        if called == "_refused" and len(node.args) > 1:
            given.append(node.args[1])
    if isinstance(node, ast.Assign) and any(
        getattr(target, "id", "") == "default_code" for target in node.targets
    ):
        given = [node.value]
    texts = [part.value for value in given for part in plain(value) if isinstance(part, ast.Constant)]
    return [text for text in texts if isinstance(text, str)]


def plain(value: ast.expr) -> list[ast.expr]:
    """The alternatives of `a or "b"`; what is put together from parts is none."""
    return value.values if isinstance(value, ast.BoolOp) else [value]


def test_a_new_exchange_gets_its_operator_as_the_page_says(db: None) -> None:
    (script,) = pages.blocks(DOCS / "operate/install.md", "python")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(script, "install.md", "exec"), {})
    operator = Participant.objects.get(is_operator=True)
    assert operator.state == "verified"
    assert ApiClient.objects.filter(participant=operator).count() == 2
    assert {one.role for one in Invitation.objects.filter(participant=operator)} == {
        "manager",
        "operator",
        "officer",
    }
    assert len(printed.getvalue().splitlines()) == 5
