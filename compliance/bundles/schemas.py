"""What the API of evidence takes and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.bundles.scopes import Scope
from exchange.kernel.schemas import In, Moment


class BundleIn(In):
    """What the evidence is about (every given field must hold), for whom, and why. `person` is a pseudonym of the log;
    `from` and `to` bound the time of the events."""

    dataset: UUID | None = None
    participant: UUID | None = None
    agreement: UUID | None = None
    request: UUID | None = None
    breach: UUID | None = None
    person: Annotated[str | None, Field(max_length=80)] = None
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None
    addressee: Annotated[str, Field(max_length=200)]
    reason: Annotated[str, Field(max_length=512)]

    def scope(self) -> Scope:
        return Scope(**{name: getattr(self, name) for name in Scope.__dataclass_fields__})


class LeftOutOut(Schema):
    what: str
    count: int


class BundleOut(Schema):
    """`checkpoint` is origin, size and root of the head that proves it; empty until the file is there. `failure` says
    why there will be none."""

    id: UUID
    state: str
    scope: dict[str, str]
    addressee: str
    reason: str
    events: int
    size_bytes: int
    sha256: str
    checkpoint: str
    left_out: list[LeftOutOut]
    failure: str
    asked_at: datetime
    expires_at: datetime
