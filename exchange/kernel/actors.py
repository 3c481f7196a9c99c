"""Actor: who acts, for which participant, with which scopes, and when. Every verb takes one as `by`, so the
moment of an act is passed in and never asked of the clock."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from exchange.kernel.errors import Forbidden


class Scope(StrEnum):
    """What an actor may do, at most; the same words serve OAuth2 and members' roles."""

    READ = "read"  # see what the participant is a party to
    SELL = "sell"  # datasets, offers, approvals, suspension and revocation
    BUY = "buy"  # requests, acceptance, payment, tokens, confirmation
    MANAGE = "manage"  # the participant's members and API clients
    AUDIT = "audit"  # the officer's desk: every transfer of the exchange
    OPERATE = "operate"  # verify and suspend participants


class Kind(StrEnum):
    MEMBER = "member"
    CLIENT = "client"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is a pseudonym, a client id or a task name: never a person's name or address. `withheld` is what
    the actor would have besides, had it signed in with a second factor."""

    kind: Kind
    name: str
    participant_id: UUID | None
    scopes: frozenset[Scope]
    at: datetime
    withheld: frozenset[Scope] = frozenset()

    @classmethod
    def system(cls, name: str, *, at: datetime) -> "Actor":
        """The exchange itself, acting through the task `name`."""
        return cls(Kind.SYSTEM, f"system:{name}", None, frozenset(Scope), at)

    @property
    def is_system(self) -> bool:
        return self.kind is Kind.SYSTEM

    def can(self, *scopes: Scope) -> bool:
        return self.scopes.issuperset(scopes)

    def require(self, *scopes: Scope) -> None:
        """Refuse an actor that lacks one of `scopes`."""
        missing = [scope for scope in scopes if scope not in self.scopes]
        if missing and self.withheld.issuperset(missing):
            raise Forbidden(
                f"this needs the scope {' and '.join(missing)}, which your role has only with a second "
                "factor: set one up, then sign in again with it",
                code="second_factor_missing",
            )
        if missing:
            raise Forbidden(f"this needs the scope {' and '.join(missing)}", code="scope_missing")

    def acts_for(self, participant_id: UUID) -> bool:
        return self.is_system or self.participant_id == participant_id

    def as_system(self, name: str) -> "Actor":
        """The exchange itself, doing through `name` what follows from this actor's act."""
        return Actor.system(name, at=self.at)

    def moved_to(self, at: datetime) -> "Actor":
        """The same actor at another moment."""
        return replace(self, at=at)


def scopes_of(words: Iterable[str]) -> frozenset[Scope]:
    """The known scopes among `words`; ValueError names the first that is not one."""
    return frozenset(Scope(word) for word in words)
