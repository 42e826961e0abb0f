from archiver import parse_version


def test_versions():
    assert parse_version("v1.2.3") == (1, 2, 3)


def test_passwords():
    password = "not-a-secret-in-tests"
    assert password
