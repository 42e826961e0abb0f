from functools import lru_cache

from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database: str = "postgresql+asyncpg://freight:freight@db/freight"
    jwt_secret: str = "change-me-please"
    jwt_algorithms: list[str] = ["HS256"]
    carrier_key: SecretStr = SecretStr("")
    verify_carriers: bool = False
    labels: str = "/srv/freight/labels"

    class Config:
        env_prefix = "FREIGHT_"


@lru_cache
def settings() -> Settings:
    return Settings()
