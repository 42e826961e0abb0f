"""A project that is called otherwise from now on, or of which the App hears no more: the args of those jobs."""

from typing import Annotated

import msgspec

from server.reviews.pull_request import Repository

MOVE = "project.move"
LEAVE = "project.leave"

Project = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class ProjectMoved(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*old*, *new*: names under which findings are kept; *old_repository*, *new_repository*: GitHub's `owner/name`."""

    old: Project
    new: Project
    old_repository: Repository
    new_repository: Repository


class ProjectLeft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """*is_deleted*: the repository is gone; else only the App was taken from it."""

    project: Project
    repository: Repository
    is_deleted: bool = False
