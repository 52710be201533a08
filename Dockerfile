# The linter as an image: docker build --tag lint-multistage . && docker run --rm --volume "$PWD:/work:ro" lint-multistage
ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim-bookworm AS builder
# Without pip in the environment: what ships does not install anything.
RUN python -m venv --without-pip /opt/lint-multistage
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY lint_multistage lint_multistage
RUN python -m pip --python /opt/lint-multistage/bin/python install --no-cache-dir --disable-pip-version-check .

FROM python:${PYTHON_VERSION}-slim-bookworm
COPY --from=builder /opt/lint-multistage /opt/lint-multistage
ENV PATH="/opt/lint-multistage/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["lint-multistage"]
