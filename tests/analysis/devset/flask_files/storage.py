import ftplib
import os
import urllib.request

import paramiko
import requests

FTP_HOST = "backup.local"
FTP_PASSWORD = "ftp-backup-pass"


def download(url, target):
    with urllib.request.urlopen(url) as reply, open(target, "wb") as out:
        out.write(reply.read())


def backup(path):
    ftp = ftplib.FTP(FTP_HOST, "drop", FTP_PASSWORD)
    with open(path, "rb") as data:
        ftp.storbinary("STOR " + os.path.basename(path), data)
    ftp.quit()


def mirror(path, host):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host, username="mirror", key_filename="/etc/drop/id_ed25519")
    with client.open_sftp() as sftp:
        sftp.put(path, os.path.basename(path))


def announce(name):
    requests.post("https://hooks.example.org/drop", json={"file": name}, timeout=5)
