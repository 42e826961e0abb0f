import os
import subprocess

from .extensions import celery


@celery.task
def render_video(source, effect):
    os.system("ffmpeg -i {} -vf {} /srv/out.mp4".format(source, effect))


@celery.task(bind=True)
def thumbnail(self, path: str, size: int):
    subprocess.run(["convert", path, "-resize", str(size), path + ".png"], check=True)
