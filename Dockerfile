# syntax=docker/dockerfile:1
# The image holds youju, its libraries and the sample documents; models, index and all that users leave lie in /data.
# docs/serving.md says how it is built, and how compose.yaml runs it.

FROM python:3.11.13-slim-bookworm AS build
# A mirror for pip, and an index that has the CPU build of torch; empty: pip's own.
ARG PIP_INDEX_URL=""
ARG TORCH_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/youju/bin:$PATH
RUN python -m venv /opt/youju
# First and alone, so that a change of youju does not fetch it again, and several GB of CUDA never come along.
RUN PIP_INDEX_URL="${TORCH_INDEX_URL:-$PIP_INDEX_URL}" pip install --no-deps torch==2.13.0 \
    && if [ -n "$(find /opt/youju -name libtorch_cuda.so)" ]; then \
         echo "This torch is a CUDA build. Pass --build-arg TORCH_INDEX_URL=..., an index with the CPU build." >&2; \
         exit 1; \
       fi
WORKDIR /src
COPY pyproject.toml README.md LICENSE models.txt ./
COPY seeds seeds
COPY rag rag
COPY ui ui
RUN pip install .

FROM python:3.11.13-slim-bookworm
# OpenMP, for llama.cpp.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 youju \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin youju \
    && install -d -o 10001 -g 10001 -m 700 /data
COPY --from=build /opt/youju /opt/youju
ENV PATH=/opt/youju/bin:$PATH \
    YOUJU_HOME=/data \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
USER 10001:10001
VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s --retries=3 \
    CMD ["python", "-c", "import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', 7860, timeout=8); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["youju"]
CMD ["chat", "--host", "0.0.0.0", "--port", "7860", "--no-browser"]
