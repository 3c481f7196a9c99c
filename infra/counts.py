"""What waits in a section of the header, by the section's name: the table that `exchange.look.areas` takes at start."""

from compliance import queries as compliance
from exchange.look.areas import Count

TABLE: dict[str, Count] = {"desk_reviews": compliance.open_reviews}
