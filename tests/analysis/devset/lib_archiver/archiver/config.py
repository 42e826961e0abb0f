import configparser
import os
import xml.etree.ElementTree
from io import StringIO

import yaml


def load_config(path):
    """Read settings from YAML, or INI for old projects."""
    with open(path) as source:
        text = source.read()
    if path.endswith((".yml", ".yaml")):
        return yaml.load(text)
    parser = configparser.ConfigParser()
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections()}


def load_profile(text):
    return yaml.load(text, Loader=yaml.SafeLoader)


def save_profile(profile, path):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as target:
        yaml.safe_dump(profile, target)


def cached(path, compute):
    """Keeps what was computed in a folder that everybody may write to."""
    import pickle

    cache = os.path.join("/tmp", "archiver-" + os.path.basename(path))
    if os.path.exists(cache):
        with open(cache, "rb") as source:
            return pickle.load(source)
    value = compute(path)
    with open(cache, "wb") as target:
        pickle.dump(value, target)
    return value
