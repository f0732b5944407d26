FROM python:3.11-slim

ENV PORT=8000 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app

# Before the code, so that a change of the code builds on this layer.
COPY requirements/base.txt requirements/
RUN pip install -qq --require-hashes -r requirements/base.txt

# The code belongs to root: the server can't change what it runs. It may write to var/ alone.
COPY . .
RUN python -m compileall -q . \
    && useradd --system --no-create-home stoory \
    && install --directory --owner=stoory var
USER stoory

EXPOSE $PORT
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$PORT/healthz')"
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
