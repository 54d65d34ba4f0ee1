"""Python packages so widely used that installing one from the usual index is nothing to ask about."""

from __future__ import annotations

import re
from typing import Final

from oi_forbidden.names import words

FAMILIAR: Final = words(
    """
    numpy pandas matplotlib seaborn scipy scikit-learn sklearn statsmodels plotly bokeh altair jupyter jupyterlab
    notebook ipykernel ipywidgets ipython tqdm requests beautifulsoup4 bs4 lxml html5lib openpyxl xlrd xlsxwriter
    pyarrow polars duckdb sqlalchemy torch torchvision torchaudio torchtext tensorflow tensorflow-datasets
    tensorflow-hub keras jax flax transformers datasets accelerate sentence-transformers huggingface-hub diffusers
    tokenizers sentencepiece evaluate peft bitsandbytes xgboost lightgbm catboost optuna shap lime gensim spacy nltk
    textblob wordcloud opencv-python opencv-python-headless pillow imageio scikit-image albumentations timm networkx
    sympy geopandas shapely folium yfinance flask fastapi uvicorn django pydantic pytest black ruff mypy isort
    flake8 pre-commit openai anthropic langchain tiktoken gradio streamlit dash gym gymnasium stable-baselines3 pip
    setuptools wheel build poetry uv virtualenv pyyaml toml rich click typer attrs httpx aiohttp selenium scrapy
    kaggle wandb mlflow tensorboard tabulate numba dask pypdf pypdf2 pdfplumber python-docx python-pptx reportlab
    feedparser prophet umap-learn missingno nbconvert pymc arviz torchmetrics pytorch-lightning lightning einops
    ultralytics easyocr pydot graphviz pydotplus mlxtend imbalanced-learn category-encoders pandas-profiling
    ydata-profiling sweetviz lazypredict pycaret faker emoji contractions unidecode rapidfuzz fuzzywuzzy
    python-levenshtein librosa soundfile pydub moviepy pyspark findspark psycopg2-binary pymysql pymongo redis boto3
    tweepy praw
    """
)

_NAME: Final = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[\w,-]+\])?(?:(?:>=|<=|>|<|~=|!=)[\w.*,<>=!~]+)?")


def is_familiar(requirement: str) -> bool:
    """Whether a requirement names such a package, in any version: one pinned version may be an old and broken one."""
    match = _NAME.fullmatch(requirement)
    return match is not None and match.group(1).casefold().replace("_", "-") in FAMILIAR
