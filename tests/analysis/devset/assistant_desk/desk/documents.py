import io
import tarfile
import zipfile
from pathlib import Path


class Documents:
    def __init__(self, root):
        self.root = Path(root)

    def path(self, name):
        return self.root / name

    def safe(self, name):
        path = (self.root / name).resolve()
        if self.root.resolve() not in path.parents:
            raise ValueError(name)
        return path

    def save(self, name, data):
        self.safe(name).write_bytes(data)

    def unpack(self, data):
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as bundle:
                total = 0
                for info in bundle.infolist():
                    content = bundle.read(info)
                    total += len(content)
                    self.safe(info.filename).write_bytes(content)
            return bundle.namelist()
        with tarfile.open(fileobj=io.BytesIO(data)) as bundle:
            bundle.extractall(self.root, members=bundle.getmembers())
            return bundle.getnames()
