"""Rule activation against the cases of the published ODRL Test Suite: each one agrees, or is refused by name."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from contracts.odrl.activation import Asked, World, is_active
from exchange.kernel.errors import Invalid

ODRL = Namespace("http://www.w3.org/ns/odrl/2/")
REPORT = Namespace("https://w3id.org/force/compliance-report#")
EX = Namespace("http://example.org/")
ISSUED = URIRef("http://purl.org/dc/terms/issued")
NOW = URIRef("http://example.com/request/currentTime")
DOCS = Path(__file__).resolve().parents[2] / "docs/use/odrl.md"

CASES = [f"{number:03}" for number in range(1, 69)]
OUT_OF_SCOPE = dict.fromkeys(("059", "060", "061", "065", "066", "067", "068"), ".duty")


@cache
def graph(path: Path) -> Graph:
    return Graph().parse(path)


def case_files(vectors: Path, case: str) -> dict[str, Graph]:
    """The four files that the suite's index joins to one case."""
    index = graph(vectors / "odrl/index.ttl")
    (test,) = [
        subject
        for subject, source in index.subject_objects(EX.expectedReportSource)
        if f"/testcase-{case}-" in str(source)
    ]
    return {
        name: graph(vectors / "odrl" / str(index.value(test, EX[f"{name}Source"])).partition("/data/")[2])
        for name in ("policy", "request", "sotw", "expectedReport")
    }


def as_json(data: Graph, node: Node) -> Any:
    """A node of the graph as the JSON-LD that it stands for, with whole names."""
    if isinstance(node, Literal):
        return {"@value": str(node), "@type": str(node.datatype)}
    if not list(data.predicate_objects(node)) or (node, RDF.type, ODRL.PartyCollection) in data:
        return {"@id": str(node)}
    if (node, RDF.type, ODRL.AssetCollection) in data:
        return {"@id": str(node)}
    made: dict[str, Any] = {}
    for predicate, value in data.predicate_objects(node):
        if predicate != RDF.type:
            made.setdefault(str(predicate), []).append(as_json(data, value))
    return {name: values[0] if len(values) == 1 else values for name, values in made.items()}


def asked(request: Graph) -> Asked:
    (rule,) = request.objects(predicate=ODRL.permission)
    action, party, target = (request.value(rule, one) for one in (ODRL.action, ODRL.assignee, ODRL.target))
    return Asked(str(action), str(party), str(target))


def world(sotw: Graph) -> World:
    parts: dict[str, frozenset[str]] = {}
    for part, whole in sotw.subject_objects(ODRL.partOf):
        parts[str(part)] = parts.get(str(part), frozenset()) | {str(whole)}
    return World(now=datetime.fromisoformat(str(sotw.value(NOW, ISSUED))), part_of=parts)


def expected(report: Graph) -> dict[Node, bool]:
    """Each rule that the suite reports on, and whether it holds it active."""
    states = {REPORT.Active: True, REPORT.Inactive: False}
    return {
        rule: states[report.value(told, REPORT.activationState)]  # type: ignore[index]
        for told, rule in report.subject_objects(REPORT.rule)
    }


@pytest.mark.parametrize("case", [case for case in CASES if case not in OUT_OF_SCOPE])
def test_a_rule_is_active_where_the_published_case_says_so(vectors: Path, case: str) -> None:
    files = case_files(vectors, case)
    told = expected(files["expectedReport"])
    assert told
    for rule, active in told.items():
        made = as_json(files["policy"], rule)
        assert is_active(made, asked(files["request"]), world(files["sotw"])) is active


@pytest.mark.parametrize("case", OUT_OF_SCOPE)
def test_a_published_case_out_of_scope_is_refused_by_name(vectors: Path, case: str) -> None:
    files = case_files(vectors, case)
    for rule in expected(files["expectedReport"]):
        with pytest.raises(Invalid, match=re.escape(OUT_OF_SCOPE[case])) as refusal:
            is_active(as_json(files["policy"], rule), asked(files["request"]), world(files["sotw"]))
        assert refusal.value.code == "unsupported_odrl"


def test_the_cases_are_all_there_are_and_the_page_lists_those_out_of_scope(vectors: Path) -> None:
    files = (vectors / "odrl/test_cases").glob("testcase-*.ttl")
    assert sorted(path.name.split("-")[1] for path in files) == CASES
    (row,) = re.findall(r"Out of scope: ([0-9, ]+)\.", DOCS.read_text("utf-8"))
    assert row.split(", ") == sorted(OUT_OF_SCOPE)
