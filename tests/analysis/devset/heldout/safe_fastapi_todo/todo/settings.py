from functools import lru_cache

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TODO_", env_file=".env")

    database_url: SecretStr
    jwt_secret: SecretStr
    token_minutes: int = 15
    allowed_origins: list[str] = ["https://todo.example.org"]
    debug: bool = False


@lru_cache
def get_settings() -> Settings:
    return Settings()
