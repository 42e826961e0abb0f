import pytest

from fleet import create_app


@pytest.fixture()
def app():
    return create_app({"SECRET_KEY": "test", "TESTING": True, "WTF_CSRF_ENABLED": False})


def test_cars_need_a_login(app):
    assert app.test_client().get("/cars/").status_code == 302
