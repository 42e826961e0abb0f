"""Errors that reach a person: each says what is wrong and, where it can, what to do next.

Neighbours keep their own specific errors beside their use and derive them from `HiveError`.
"""


class HiveError(Exception):
    """Something a person can act on. *hint* says how to mend it; neither text may hold a secret."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigurationInvalid(HiveError):
    """One or more settings are wrong; the message lists them all."""


class DatabaseUnavailable(HiveError):
    """Postgres does not answer."""


class RedisUnavailable(HiveError):
    """Redis does not answer, or could not keep what it was given."""
