"""The web application, as gunicorn loads it."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from factcheck.starting import refuse_broken_promises

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
# A page that needs longer than this is a fault; commands, which may need minutes, have no such limit.
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT", "15")

application = get_wsgi_application()
refuse_broken_promises()
# Every page and its code is loaded here, once for all workers, and not by whoever asks each of them first.
PAGES = get_resolver().url_patterns
