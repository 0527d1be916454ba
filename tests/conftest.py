"""What all tests share: one twin per test session, and property tests that no busy machine makes fail."""

from hypothesis import settings

pytest_plugins = ["tests.support.twin_fixtures", "tests.support.organization_fixtures"]

# How long an example takes depends on what else the machine does; timings belong to `make bench`. The examples are the
# same in every run, so that a change is judged by what it changed; `make search` draws new ones, many more.
settings.register_profile("fleetyard", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("fleetyard")
