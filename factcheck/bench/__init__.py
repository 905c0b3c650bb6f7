"""`make bench`: how long the main operations take at 10,000 and 100,000 claims, beside plain SQL and COPY.

Everything runs on a throw-away PostgreSQL and Valkey on this machine and over the real roads: articles
are loaded by the workflow, pages are asked of two gunicorn workers over HTTP, reports are frozen and
exported. Machines are noisy: compare within one run, not between runs.
"""
