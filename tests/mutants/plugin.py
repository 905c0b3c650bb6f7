"""The pytest plugin of `make mutants`: its options, the tests it leaves out, and that it runs the others."""

import hypothesis
import pytest

# They compare the SQL of the database with that of the models, so they notice any change and show nothing.
NO_PROOF = (
    "test_a_function_is_what_the_models_say_it_is",
    "test_every_function_of_a_trigger_has_its_trigger",
)
# What a browser, another process or a broker does is out of reach of a change in memory.
OUT_OF_REACH = {"browser_type_launch_args", "page", "start_worker", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take what `make mutants` passes on."""
    group = parser.getgroup("mutants")
    group.addoption("--mutate", action="append", default=[], help="triggers, or a path below annotations/")
    group.addoption("--sample", type=int, default=0, help="try that many, chosen at random")
    group.addoption("--seed", type=int, default=1, help="which sample")
    group.addoption(
        "--only", default="", help="only where this regular expression is found in place or change"
    )
    group.addoption("--seconds", type=float, default=90, help="how long the tests of one change may take")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the tests that no change can reach or that prove nothing."""
    items[:] = [
        item
        for item in items
        if not OUT_OF_REACH.intersection(getattr(item, "fixturenames", ()))
        and not any(item.get_closest_marker(name) for name in ("browser", "endtoend"))
        and not item.name.startswith(NO_PROOF)
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Instead of running the tests once: run each once to know it, then try every change."""
    # The models are there only now.
    from tests.mutants.trying import Run  # noqa: PLC0415

    hypothesis.settings.register_profile("mutants", database=None, derandomize=True)
    hypothesis.settings.load_profile("mutants")
    Run(session).all()
    return True
