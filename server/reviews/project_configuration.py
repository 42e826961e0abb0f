"""Where the configuration of a collected review comes from: the commit that it is compared with, else the disk."""

from collections.abc import Mapping
from pathlib import Path

from server.reviews.configuration import DEFAULT, FILE_NAME, MAX_CONFIGURATION_BYTES, Configuration, read_configuration
from server.reviews.git import Git
from server.reviews.project import Project
from server.reviews.working_files import Skip, WorkingFiles, text_of


def configuration_of(project: Project, base_sha: str, head_sha: str, env: Mapping[str, str]) -> Configuration:
    """That of *base_sha*. Where nothing is compared, that of the folder: it is its owner who asks. A commit without a
    parent has none. Raises `CannotCollect`.
    """
    if base_sha:
        content = Git(project.root, env).content_at(base_sha, FILE_NAME, MAX_CONFIGURATION_BYTES)
    elif head_sha:
        return DEFAULT
    else:
        content = _on_disk(project.root)
    return read_configuration(content.decode("utf-8", "replace")) if content is not None else DEFAULT


def _on_disk(root: Path) -> bytes | None:
    try:
        content = WorkingFiles(root).read(FILE_NAME)
        text_of(content)
    except Skip:
        return None
    return content
