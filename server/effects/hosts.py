"""Where a GitHub's parts lie, told by the address of its API. Pure.

github.com, a tenant of ghe.com, or a company's own Enterprise Server: https://docs.github.com/en/enterprise-server/rest/overview/getting-started-with-the-rest-api
"""

from urllib.parse import urlsplit


def site_of(api_url: str) -> str:
    """Where people go. `api.github.com` and `api.<tenant>.ghe.com` are hosts of their own, elsewhere it is a path."""
    parts = urlsplit(api_url)
    has_api_host = parts.netloc == "api.github.com" or parts.netloc.endswith(".ghe.com")
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.') if has_api_host else parts.netloc}"


def git_address(api_url: str, repository: str) -> str:
    """Where git fetches *repository* (`owner/name`) from. Holds no credential."""
    return f"{site_of(api_url)}/{repository}.git"
