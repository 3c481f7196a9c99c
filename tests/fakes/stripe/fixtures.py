"""`stripe_fake`: one fake a worker, with a new world for each test. A test in which the fake lied has failed. What it
stands on costs a second to import, and is imported by the first test that asks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.environment import TEST_VAR_DIR

if TYPE_CHECKING:
    from tests.fakes.stripe.serving import Served
    from tests.fakes.stripe.specification import Specification


@pytest.fixture(scope="session")
def stripe_specification() -> "Specification":
    """Stripe's OpenAPI, read once a run."""
    from tests.fakes.stripe.specification import specification

    return specification(TEST_VAR_DIR)


@pytest.fixture(scope="session")
def stripe_served(stripe_specification: "Specification") -> "Iterator[Served]":
    """A fake on a port, for all tests of a worker."""
    from tests.fakes.stripe.serving import serve

    served, server, thread = serve(stripe_specification)
    yield served
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def stripe_fake(stripe_served: "Served") -> "Iterator[Served]":
    """A Stripe in which nothing has happened yet; the test fails where it answered what Stripe never would."""
    stripe_served.begin()
    yield stripe_served
    assert stripe_served.world.lies == []
