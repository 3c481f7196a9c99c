"""People who have signed in, as on the pages of contracts."""

from tests.contracts.pages.conftest import now, reader  # noqa: F401
