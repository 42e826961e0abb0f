"""Download and unpack feed archives."""
import gzip
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile

from .errors import ArchiveError


class Unpacker:
    def __init__(self, root):
        self.root = os.path.realpath(root)

    def unpack(self, path):
        opener = {'.zip': self._zip, '.tgz': self._tar}.get(os.path.splitext(path)[1])
        if opener is None:
            raise ArchiveError(path)
        opener(path)

    def _zip(self, path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                destination = os.path.join(self.root, info.filename)
                if info.is_dir():
                    os.makedirs(destination, exist_ok=True)
                    continue
                with archive.open(info) as source, open(destination, 'wb') as out:
                    shutil.copyfileobj(source, out)

    def _tar(self, path):
        with tarfile.open(path) as archive:
            for member in archive.getmembers():
                if member.name.startswith('/') or '..' in member.name:
                    raise ArchiveError(member.name)
            archive.extractall(self.root)

    def safe_tar(self, path):
        with tarfile.open(path) as archive:
            archive.extractall(self.root, filter='data')

    def safe_zip(self, path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                target = os.path.realpath(os.path.join(self.root, name))
                if not target.startswith(self.root + os.sep):
                    raise ArchiveError(name)
                archive.extract(name, self.root)


def is_inside(root, path):
    return os.path.abspath(path).startswith(os.path.abspath(root))


def read_member(root, name):
    full = os.path.join(root, name)
    if not is_inside(root, full):
        raise ArchiveError(name)
    with open(full, 'rb') as source:
        return source.read()


def inflate(data):
    return gzip.decompress(data)


def scratch():
    path = os.path.join(tempfile.gettempdir(), 'feedlib-%d' % os.getpid())
    os.makedirs(path, mode=0o777, exist_ok=True)
    return path


def private(path, data):
    with open(path, 'wb') as out:
        out.write(data)
    os.chmod(path, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)
