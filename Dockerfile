# One image for web, worker, clock and commands; docker-compose.yml says which of them a container is.
FROM python:3.11-slim-bookworm AS packages
ENV UV_PROJECT_ENVIRONMENT=/opt/venv UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
RUN pip install --no-cache-dir uv==0.13.8
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --uid 10001 factcheck \
    && install -d -o factcheck -g factcheck /data
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 ENVIRONMENT=production DATA_DIR=/data STATIC_ROOT=/app/staticfiles
WORKDIR /app
COPY manage.py ./
COPY factcheck factcheck
COPY annotations annotations
COPY templates templates
# Collecting reads the settings and opens no connection; these values are gone with the line.
RUN SECRET_KEY=build PUBLIC_URL=https://build.invalid DATABASE_URL=postgresql:///build \
    CELERY_BROKER_URL=redis://build.invalid/0 python manage.py collectstatic --noinput --verbosity 0
USER factcheck
EXPOSE 8000
CMD ["gunicorn", "-c", "python:factcheck.webserver", "--bind", "0.0.0.0:8000"]
