import os
import socket


def filter_blog(code):
    return code.replace(';', '')


def log_function_target(code):
    with open('log.py', 'w') as out:
        out.write(filter_blog(code))


def get_free_port():
    s = socket.socket()
    s.bind(('', 0))
    return s.getsockname()[1]
