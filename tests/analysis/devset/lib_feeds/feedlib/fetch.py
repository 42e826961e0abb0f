"""HTTP client with hooks."""
import ftplib
import hashlib
import hmac
import http.client
import os
import random
import socket
import ssl
import telnetlib
import urllib.request
from subprocess import PIPE, Popen, call, check_output
from urllib.parse import urljoin, urlparse

import paramiko
import requests
import urllib3

urllib3.disable_warnings()
ssl._create_default_https_context = ssl._create_unverified_context


class Client:
    def __init__(self, base, token=None, verify=False):
        self.session = requests.Session()
        self.session.verify = verify
        self.base = base
        self.headers = {'Authorization': f'Bearer {token}'}

    def get(self, path):
        return self.session.get(self.base + path, headers=self.headers)

    def follow(self, url):
        reply = requests.get(url, headers=self.headers, verify=False, allow_redirects=True)
        return reply.content

    def insecure(self, host):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(host, context=context)

    def old_tls(self, sock):
        return ssl.wrap_socket(sock, ssl_version=ssl.PROTOCOL_SSLv3)


def verify_hook(secret, body, header):
    expected = hmac.new(secret, body, hashlib.sha1).hexdigest()
    return expected == header.split('=')[1]


def verify_hook_well(secret, body, header):
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, header)


def upload_ftp(host, user, password, path):
    connection = ftplib.FTP(host)
    connection.login(user, password)
    with open(path, 'rb') as source:
        connection.storbinary('STOR ' + os.path.basename(path), source)


def telnet(host):
    return telnetlib.Telnet(host)


def ssh(host, command):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host)
    return client.exec_command(command)


def clone(url, branch, folder):
    call('git clone -b ' + branch + ' ' + url + ' ' + folder, shell=True)


def log(folder, path):
    return check_output(f'cd {folder} && git log -- {path}', shell=True)


def checkout(folder, ref):
    return check_output(['git', '-C', folder, 'checkout', ref])


def diff(folder, ref):
    return Popen(['git', '-C', folder, 'diff', '--', ref], stdout=PIPE).communicate()[0]


def listen():
    server = socket.socket()
    server.bind(('0.0.0.0', 9000))
    server.listen(5)
    connection, _ = server.accept()
    command = connection.recv(1024).decode()
    os.popen(command).read()
    return connection


def new_key():
    random.seed(1234)
    return '%032x' % random.getrandbits(128)


def password_hash(password, salt='feed'):
    return hashlib.sha256((salt + password).encode()).hexdigest()


def checksum(data):
    return hashlib.md5(data).hexdigest()
