import bz2
import gzip
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path


def pack(folder, target):
    with tarfile.open(target, "w:gz") as archive:
        archive.add(folder, arcname=".")


def unpack(source, folder):
    """Unpack an archive into *folder*."""
    if zipfile.is_zipfile(source):
        _unzip(source, folder)
    elif tarfile.is_tarfile(source):
        with tarfile.open(source) as archive:
            archive.extractall(folder)
    else:
        shutil.unpack_archive(source, folder)


def _unzip(source, folder):
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            target = os.path.join(folder, name)
            if name.endswith("/"):
                os.makedirs(target, exist_ok=True)
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(name) as member, open(target, "wb") as out:
                shutil.copyfileobj(member, out)


def unpack_checked(source, folder):
    root = Path(folder).resolve()
    with tarfile.open(source) as archive:
        for member in archive.getmembers():
            if not (root / member.name).resolve().is_relative_to(root) or member.issym() or member.islnk():
                raise ValueError(f"{member.name} leads out of {folder}")
        archive.extractall(root)


def inflate(data):
    return zlib.decompress(data)


def inflate_limited(data, limit=10_000_000):
    stream = zlib.decompressobj()
    out = stream.decompress(data, limit)
    if stream.unconsumed_tail:
        raise ValueError("too large")
    return out


def unpack_rar(source, folder):
    subprocess.check_call("unrar x %s %s" % (source, folder), shell=True)


def unpack_7z(source, folder):
    subprocess.check_call(["7z", "x", f"-o{folder}", "--", source])


def scratch():
    return tempfile.mkdtemp(prefix="archiver-")
