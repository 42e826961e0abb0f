from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    folder: str = "/srv/documents"


def get_settings() -> Settings:
    return Settings()
