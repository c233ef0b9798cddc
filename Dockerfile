# syntax=docker/dockerfile:1
# One image for web, worker, beat, monitor and migrations; which of them it is, its command says.
# Any Debian with Python 3.11 to 3.13 will do: `--build-arg BASE=…`, by digest, so that a build is of the same bits again.
ARG BASE=docker.io/library/python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE} AS build
WORKDIR /srv/matins
COPY pyproject.toml uv.lock ./
# What the lock file names and nothing else: no embedded servers, no Pulumi, no test tools. Where a proxy signs for the
# registry of packages, `--secret id=ca,src=FILE` names whom to trust.
RUN --mount=type=secret,id=ca,target=/run/ca.crt \
    if [ -s /run/ca.crt ]; then export PIP_CERT=/run/ca.crt SSL_CERT_FILE=/run/ca.crt; fi && \
    python3 -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir uv==0.13.9 && \
    UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never /opt/uv/bin/uv sync --frozen --no-default-groups --no-cache
# A tenth of it nobody reads: translations, and how to call four hundred services of AWS.
RUN cd .venv/lib/python3*/site-packages && find . -name '*.po' -delete && find django -name '*.mo' -delete && \
    find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name 'sso*' ! -name sts ! -name cloudwatch ! -name ecs -exec rm -r {} +
COPY app app
COPY ops ops
RUN .venv/bin/python -m compileall -q -j 0 .venv/lib app ops

FROM ${BASE}
RUN groupadd --gid 10001 matins && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent matins && \
    install --directory --owner matins --group matins /files
COPY --from=build /srv/matins /srv/matins
# RDS signs its servers' certificates itself, https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem; a
# laptop's image needs no such file, which is why its name is a pattern.
COPY pyproject.toml rds-ca.pe[m] /srv/matins/
ENV PATH=/srv/matins/.venv/bin:$PATH PYTHONPATH=/srv/matins/app:/srv/matins PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/matins/app
# The one directory that is written to; a read-only container mounts something here.
VOLUME /tmp
USER 10001:10001
# Web, beat and monitor end on SIGTERM. A worker takes it for SIGQUIT, a soft shutdown: bodies get
# CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT seconds to end, and what does not is given back.
ENV REMAP_SIGTERM=SIGQUIT
STOPSIGNAL SIGTERM
CMD ["celery", "-A", "config", "worker", "-l", "info"]
