"""storage: keep blobs by their hash, in a folder, in SQLite, behind HTTP."""

from .blobs import BlobStore, Folder, Memory
from .client import Client

__all__ = ["BlobStore", "Client", "Folder", "Memory"]
__version__ = "3.2.1"
