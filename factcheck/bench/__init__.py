"""`make bench`: how long the main operations take at 10,000 and 100,000 claims, compared with plain SQL and
COPY.

Everything runs on a throw-away PostgreSQL and Valkey on this machine, in the same way as in use. The workflow
loads the articles, two gunicorn workers answer the pages over HTTP, and reports are frozen and exported.
Machines are noisy: compare within one run, not between runs.
"""
