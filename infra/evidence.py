"""What the apps above add to an authority's evidence: the table that `compliance.bundles.contents` takes at start."""

from collections.abc import Sequence

from compliance.bundles.contents import Papers
from contracts.agreements import evidence_papers

PAPERS: Sequence[Papers] = (evidence_papers.papers_of,)
