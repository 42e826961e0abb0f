import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Config:
    dsn: str = "depot.db"
    jwt_key: str = "depot-signing-key"
    jwt_algorithms: tuple = ("HS256",)
    labels: str = "/srv/depot/labels"
    vendor: str = "http://vendor.example/api"
    hook_secret: str = field(default="", repr=False)

    @classmethod
    def from_env(cls):
        given = {name.removeprefix("DEPOT_").lower(): value for name, value in os.environ.items() if name.startswith("DEPOT_")}
        return cls(**given)
