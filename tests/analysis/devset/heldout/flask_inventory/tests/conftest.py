import pytest

from inventory import create_app


@pytest.fixture()
def app():
    return create_app({"TESTING": True, "SECRET_KEY": "test", "DATABASE_URL": "postgresql://test:test@localhost/test"})
