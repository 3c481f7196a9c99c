"""The officer's cases in a browser, as the demo tells them: requests of persons, notices, breaches, records, retention,
the map and evidence, and what their recipients see of them; every page at both widths, in both languages."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from compliance.breaches import register, scopes
from compliance.models import Breach, InformingDuty, LegalHold, NoticeRow, SellerSearch, SubjectRequest
from compliance.requests import letters
from exchange.kernel.actors import Actor
from exchange.participants.models import Member
from infra.demo import cases, cast
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt


@pytest.fixture
def people(exchange: str, settings: Any, tmp_path: Path) -> cast.Cast:
    """The demo's cast, two months after it began, with one breach that is open today."""
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    settings.EXCHANGE_EXPORTS_DIR, settings.EXCHANGE_ACCESS_DIR = tmp_path / "exports", tmp_path / "access"
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    now = timezone.now()
    people = cast.assemble(Actor.system("demo", at=now - cases.BEGAN))
    dataset = cases.happen(people, now)
    days = cases.Days(people, now)
    found = register.Found(
        kinds=["confidentiality", "availability"],
        what="A key of the storage stood where others could read it. Invented.",
        reported_by="monitor",
        detected_at=days.before(2),
        became_aware_at=days.before(1.9),
    )
    breach = register.open_breach(found, by=days.officer(1.8))
    scopes.take(breach, scopes.Asked(dataset=dataset.pk), by=days.officer(1.7))
    reasons = "Names and addresses of 500 persons were within reach."
    register.assess(breach, risk="high", method="ENISA", reasons=reasons, by=days.officer(1.6))
    return people


def addresses_of_officers() -> dict[str, str]:
    """What an officer opens, by the names of the pictures."""
    opened, closed = Breach.objects.get(state="open"), Breach.objects.get(state="closed")
    requests = {row.kind: row for row in SubjectRequest.objects.all()}
    silent = NoticeRow.objects.exclude(escalated_at=None).get()
    acts = {
        f"case-breach-{name}": f"/compliance/breaches/{opened.pk}/do/{name}"
        for name in ("scope", "stop", "authority", "describe")
    }
    return {
        "case-desk": "/compliance",
        "case-requests": "/compliance/requests",
        "case-request-working": f"/compliance/requests/{requests['rectification'].pk}",
        "case-request-answered": f"/compliance/requests/{requests['access'].pk}",
        "case-request-unknown": f"/compliance/requests/{requests['erasure'].pk}",
        "case-request-new": "/compliance/requests/new",
        "case-notice": f"/compliance/notices/{silent.notice_id}",
        "case-notice-row": f"/compliance/notices/recipients/{silent.pk}",
        "case-breaches": "/compliance/breaches",
        "case-breach": f"/compliance/breaches/{opened.pk}",
        "case-breach-closed": f"/compliance/breaches/{closed.pk}",
        "case-breach-new": "/compliance/breaches/new",
        **acts,
        "case-records": "/compliance/activities",
        "case-record": "/compliance/activities/accounts",
        "case-records-add": "/compliance/activities/register/edit",
        "case-map": "/compliance/map",
        "case-map-none": "/compliance/map?mechanism=scc",
        "case-retention": "/compliance/retention",
        "case-sweeps": "/compliance/retention/sweeps",
        "case-hold": f"/compliance/retention/holds/{LegalHold.objects.get().pk}",
        "case-hold-new": "/compliance/retention/holds/new",
        "case-evidence": "/compliance/evidence",
        "case-deletions": "/compliance/duties",
        "case-informing": "/compliance/duties/informing",
        "case-officers": "/compliance/officers",
        "case-digest": "/compliance/digest",
    }


def addresses_of_others() -> list[tuple[str, str, str]]:
    """What those see whom the cases are about: who signs in, the picture's name, and the address."""
    institute = Member.objects.get(user__username="institute").participant_id
    row, duty = (model.objects.get(buyer_id=institute) for model in (NoticeRow, InformingDuty))
    search = SellerSearch.objects.order_by("pk").first()
    assert search is not None
    links = {one.kind: letters.link_of(one) for one in SubjectRequest.objects.exclude(kind="erasure")}
    return [
        ("institute", "case-own-notice", f"/my-data/notices/{row.pk}"),
        ("institute", "case-own-informing", f"/buy/informing/{duty.pk}"),
        ("seller", "case-search", f"/sell/persons/{search.pk}"),
        ("seller", "case-own-records", "/organisation/activities"),
        ("", "case-ask", "/privacy/request"),
        *(
            ("", f"case-follow-{kind}", f"/privacy/{link.partition('/privacy/')[2]}")
            for kind, link in links.items()
        ),
    ]


@readers
def test_every_page_of_an_officers_cases(
    page_at: PageAt, people: cast.Cast, width: int, language: str, theme: str
) -> None:
    officer = Member.objects.get(user__username="officer")
    page = page_at(width, language, theme, member=officer, second_factor=True)
    for name, path in addresses_of_officers().items():
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        look_at(page, name)


@readers
def test_what_others_see_of_an_officers_cases(
    page_at: PageAt, people: cast.Cast, width: int, language: str, theme: str
) -> None:
    for login, name, path in addresses_of_others():
        member = Member.objects.get(user__username=login) if login else None
        page = page_at(width, language, theme, member=member)
        answer = page.goto(path)
        assert answer is not None and answer.status == 200, path
        look_at(page, name)
