"""An operator with a second factor at the pages about the exchange itself."""

from typing import Any

import pytest
from django.test import Client

from tests import makers
from tests.compliance.pages.conftest import signed_in


@pytest.fixture
def person(operator: Any) -> Any:
    """An operator of the exchange, as a member."""
    return makers.member(makers.participant_of(operator), "operator", operator.at)


@pytest.fixture
def desk(person: Any) -> Client:
    """The operator's browser."""
    return signed_in(person, second_factor=True)
