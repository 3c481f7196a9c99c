"""What an authority's evidence holds of contracts: each that its Events name, as it was signed and to be read."""

from collections.abc import Iterator
from uuid import UUID

from compliance.bundles.contents import File, Matter
from contracts import queries
from contracts.agreements import identities, papers

_AT_ONCE = 100


def papers_of(matter: Matter) -> Iterator[File]:
    """The signed bytes, the exchange's seal, who the parties were, and the text in both languages, of each contract."""
    wanted = [UUID(one) for one in sorted(matter.agreements)]
    visible = queries.agreements_visible_to(matter.reader).order_by("pk")
    for start in range(0, len(wanted), _AT_ONCE):
        for row in visible.filter(pk__in=wanted[start : start + _AT_ONCE]):
            folder = f"agreements/{row.pk}"
            yield f"{folder}/agreement.json", bytes(row.document)
            yield f"{folder}/agreement.seal", f"{row.seal}\n".encode()
            for side, text in identities.texts_visible_to(matter.reader, row).items():
                yield f"{folder}/identity-{side}.json", text.encode()
            yield f"{folder}/contract.en.html", papers.html(row, "en", by=matter.reader).encode()
            yield f"{folder}/contract.fr.html", papers.html(row, "fr", by=matter.reader).encode()
