from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str = "postgresql+asyncpg://clinic:clinic@localhost/clinic"
    jwt_secret: str = "09d25e094faa6ca2556c8181-demo-secret"
    token_minutes: int = 30
    archive_dir: str = "/var/lib/clinic"
    lab_url: str = "https://lab.example.org"

    class Config:
        env_prefix = "CLINIC_"


settings = Settings()
