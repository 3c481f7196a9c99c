"""Licences that the world knows by an SPDX id, as far as terms may name them. An id never leaves this list: contracts
that were signed name it."""

from dataclasses import dataclass

from exchange.kernel.errors import Invalid


@dataclass(frozen=True)
class Licence:
    """One licence: its SPDX id and the title that its text bears."""

    spdx: str
    title: str

    @property
    def iri(self) -> str:
        """How the world's vocabularies name it."""
        return f"https://spdx.org/licenses/{self.spdx}"


LICENCES: dict[str, Licence] = {
    licence.spdx: licence
    for licence in (
        Licence("CC0-1.0", "Creative Commons Zero v1.0 Universal"),
        Licence("PDDL-1.0", "Open Data Commons Public Domain Dedication & License 1.0"),
        Licence("CC-BY-4.0", "Creative Commons Attribution 4.0 International"),
        Licence("CC-BY-SA-4.0", "Creative Commons Attribution Share Alike 4.0 International"),
        Licence("CC-BY-NC-4.0", "Creative Commons Attribution Non Commercial 4.0 International"),
        Licence("CC-BY-ND-4.0", "Creative Commons Attribution No Derivatives 4.0 International"),
        Licence("CC-BY-NC-SA-4.0", "Creative Commons Attribution Non Commercial Share Alike 4.0 International"),
        Licence("ODbL-1.0", "Open Data Commons Open Database License v1.0"),
        Licence("ODC-By-1.0", "Open Data Commons Attribution License v1.0"),
        Licence("CDLA-Permissive-2.0", "Community Data License Agreement Permissive 2.0"),
        Licence("CDLA-Sharing-1.0", "Community Data License Agreement Sharing 1.0"),
        Licence("etalab-2.0", "Etalab Open License 2.0"),
        Licence("OGL-UK-3.0", "Open Government Licence v3.0"),
        Licence("DL-DE-BY-2.0", "Data licence Germany – attribution – version 2.0"),
    )
}


def require(spdx: object) -> str:
    """Give the id back if it is in the list; else Invalid lists what is."""
    if isinstance(spdx, str) and spdx in LICENCES:
        return spdx
    raise Invalid(
        f"The licence must be one of {', '.join(LICENCES)}; given {ascii(spdx)[:80]}.", code="unknown_licence"
    )
