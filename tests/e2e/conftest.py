# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the end-to-end tests: see quietscan_harness.py."""

import pytest

from quietscan_harness import Service


@pytest.fixture
def service():
    """A daemon with two signatures (EICAR and ClamAV's test program), started."""
    with Service() as running:
        running.start()
        yield running


@pytest.fixture
def stopped_service():
    """The same, not started yet."""
    with Service() as idle:
        yield idle
