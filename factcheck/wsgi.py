"""The web application, as gunicorn loads it."""

import os

from django.core.wsgi import get_wsgi_application

from factcheck.starting import refuse_broken_promises

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
# A page that needs longer than this is a fault; commands, which may need minutes, have no such limit.
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT", "15")

application = get_wsgi_application()
refuse_broken_promises()
