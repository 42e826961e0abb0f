from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="LAB_")
    root: Path = Path("/srv/lab")
    database_url: str = "postgresql://lab:lab-Passw0rd@db/lab"
    api_token: SecretStr = SecretStr("lab-token-2024-prod")
    aws_access_key_id: str = "AKIAZ7QKJ3M5RT2VXW4P"
    workers: int = 4
    allow_eval: bool = False


settings = Settings()
