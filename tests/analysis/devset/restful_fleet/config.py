import os


class Config(object):
    SECRET_KEY = os.environ.get('SECRET_KEY') or 'you-will-never-guess'
    SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL', 'postgresql://fleet:fleet@localhost/fleet')
    JWT_SECRET_KEY = 'jwt-fleet-secret'
    JWT_ACCESS_TOKEN_EXPIRES = False
    JWT_COOKIE_CSRF_PROTECT = False
    SESSION_COOKIE_HTTPONLY = False
    WTF_CSRF_ENABLED = False
    MAX_CONTENT_LENGTH = None


class Production(Config):
    DEBUG = True
    PROPAGATE_EXCEPTIONS = True
