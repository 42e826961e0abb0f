import configparser
import os
from types import SimpleNamespace

import yaml


def load():
    path = os.environ.get("DESK_CONFIG", "desk.yaml")
    with open(path) as source:
        values = yaml.safe_load(source) or {}
    return SimpleNamespace(
        redis=values.get("redis", "redis://localhost"),
        model_key=values.get("model_key") or os.environ["MODEL_KEY"],
        documents=values.get("documents", "/srv/desk"),
        jwt_key=values.get("jwt_key", "desk-jwt-key-2024"),
        client_secret=os.getenv("OAUTH_SECRET", "cs-desk-77aa12"),
    )


config = load()
