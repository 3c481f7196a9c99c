"""The clause library: every kind of clause, each declared once, in the order in which terms list them."""

from contracts.clauses.access import ACCESS
from contracts.clauses.conduct import CONDUCT
from contracts.clauses.declaration import Declaration
from contracts.clauses.duties import DUTIES
from contracts.clauses.measure import MEASURE
from contracts.clauses.reach import REACH

LIBRARY: dict[str, Declaration] = {
    declaration.kind: declaration for declaration in (*ACCESS, *MEASURE, *REACH, *CONDUCT, *DUTIES)
}
