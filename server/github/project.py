"""Under which name what is known of a repository on GitHub is kept. Pure."""

from server.reviews.project import name_from_remote


def project_of(site: str, repository: str) -> str:
    """*site*: where people go, `https://github.com`; *repository*: `owner/name`."""
    return name_from_remote(f"{site}/{repository}") or repository
