"""archiver: pack, unpack, describe. A library; its callers pass what strangers gave them."""

from .config import load_config
from .pack import pack, unpack
from .version import parse_version

__all__ = ["load_config", "pack", "parse_version", "unpack"]
