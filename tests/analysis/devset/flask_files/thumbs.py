import os
import subprocess


def make_thumbnail(path, size):
    target = path + ".thumb.png"
    if not os.path.exists(target):
        os.system(f"convert {path} -thumbnail {size} {target}")
    return target


def probe(path):
    out = subprocess.check_output(["file", "--brief", "--", str(path)], timeout=5)
    return out.decode().strip()
