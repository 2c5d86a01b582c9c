# The app as an image: for a Docker Space of Hugging Face, and for `docker build` anywhere else.
#
# Everything installed and copied belongs to root, the app runs as user 1000 (whom Spaces demand) and writes below
# /home/user alone. A Space's variables are build arguments as well: TORCH_INDEX can be set among them.

FROM python:3.11-slim

# CPU wheels, 200 MB; the CUDA ones, some GB: --build-arg TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

# The folder for data and runs is there from the start: a volume that is mounted on it takes over its owner.
RUN useradd --create-home --uid 1000 user \
    && install --directory --owner user --group user /home/user/cnnviz
WORKDIR /app

# torch and torchvision first and from one index (requirements.txt says why); then pip finds them there.
COPY requirements.txt ./
RUN grep -E '^torch' requirements.txt > /tmp/torch.txt \
    && pip install --no-cache-dir --index-url "$TORCH_INDEX" -r /tmp/torch.txt \
    && pip install --no-cache-dir -r requirements.txt

COPY .streamlit ./.streamlit
COPY checkpoints ./checkpoints
COPY cnnviz ./cnnviz
COPY pages ./pages
COPY app.py ./
COPY home.py ./
RUN python -m compileall -q cnnviz

# A Space shows the app in an iframe of another site, for which browsers hold cookies back. With it Streamlit's token
# against forged requests never arrives, and every upload is answered by 403; so the token is off. It would guard
# nothing here: there are no accounts, no cookie gives any right. CORS stays on: the iframe speaks to its own host.
ENV HOME=/home/user \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none \
    STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION=false \
    CNNVIZ_DATA=/home/user/cnnviz/data \
    CNNVIZ_RUNS=/home/user/cnnviz/runs

# What a class may take of two cores; docs/server.md. A Space's variables go before these.
ENV CNNVIZ_MAX_EPOCHS=5 \
    CNNVIZ_MAX_SECONDS=120 \
    CNNVIZ_MAX_QUEUED=30 \
    CNNVIZ_MAX_QUEUED_EACH=2 \
    CNNVIZ_KEEP_RUNS=100 \
    CNNVIZ_KEEP_DAYS=2

USER 1000
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['STREAMLIT_SERVER_PORT'] + '/_stcore/health', timeout=5)"]
CMD ["python", "-m", "streamlit", "run", "app.py"]
