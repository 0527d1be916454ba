"""What all tests share: one twin per test session, and property tests that no busy machine makes fail."""

from hypothesis import settings

pytest_plugins = ["tests.support.twin_fixtures"]

# How long an example takes depends on what else the machine does; timings belong to `make bench`.
settings.register_profile("fleetyard", deadline=None)
settings.load_profile("fleetyard")
