import pytest

from tracker import create_app

PASSWORD = "correct horse battery staple"


@pytest.fixture()
def client(monkeypatch):
    monkeypatch.setenv("TRACKER_SECRET", "test-secret")
    monkeypatch.setenv("TRACKER_DATABASE", "sqlite://")
    return create_app().test_client()


def test_login_is_needed(client):
    assert client.get("/").status_code == 302
