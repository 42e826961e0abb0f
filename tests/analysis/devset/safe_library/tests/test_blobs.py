import pytest

from storage import Folder, Memory
from storage.blobs import NotABlob


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return Folder(tmp_path) if request.param == "folder" else Memory()


def test_what_is_written_is_read(store):
    assert store.read(store.write(b"x")) == b"x"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63])
def test_other_names_are_refused(tmp_path, name):
    with pytest.raises(NotABlob):
        Folder(tmp_path).read(name)
