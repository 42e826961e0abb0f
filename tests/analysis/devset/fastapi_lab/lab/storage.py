import io
import os
import shutil
import tarfile
import tempfile
import uuid
import zipfile
from pathlib import Path, PurePosixPath

import boto3
import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from .settings import settings


class Artifacts:
    def __init__(self, root: Path = settings.root):
        self.root = root

    def path(self, run: str, name: str) -> Path:
        return self.root / run / name

    def read(self, run: str, name: str) -> bytes:
        return self.path(run, name).read_bytes()

    def write(self, run: str, name: str, data: bytes) -> None:
        target = self.path(run, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def remove(self, run: str) -> None:
        shutil.rmtree(self.root / run)

    def unpack(self, run: str, archive: Path) -> None:
        shutil.unpack_archive(str(archive), str(self.root / run))

    def members(self, data: bytes):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()


class CheckedArtifacts(Artifacts):
    def path(self, run: str, name: str) -> Path:
        if not run.isalnum() or PurePosixPath(name).name != name or name in ("", ".", ".."):
            raise ValueError("bad name")
        return self.root / run / name


def frame(path: str) -> pd.DataFrame:
    if path.endswith(".csv"):
        return pd.read_csv(path)
    if path.endswith(".pkl"):
        return pd.read_pickle(path)
    if path.endswith(".npy"):
        return pd.DataFrame(np.load(path, allow_pickle=True))
    return pq.read_table(path).to_pandas()


def presign(bucket: str, key: str) -> str:
    client = boto3.client("s3")
    return client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=3600)
