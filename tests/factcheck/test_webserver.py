"""How gunicorn serves the pages."""

import gc

from factcheck import webserver


def test_no_request_waits_while_the_application_is_searched_for_garbage() -> None:
    before = gc.get_freeze_count()
    try:
        webserver.when_ready(None)
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
