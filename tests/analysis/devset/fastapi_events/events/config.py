from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str = Field(alias="DATABASE_URL")
    signing_key: SecretStr = Field(alias="SIGNING_KEY")
    origins: list[str] = ["https://events.example.org"]
    picture_folder: str = "/var/lib/events"
    partner_token: str = "evt-partner-2f7c1d"
    geocoder: str = "https://geo.example.org"


settings = Settings()
