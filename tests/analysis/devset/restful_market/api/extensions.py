import os

from celery import Celery
from flask_bcrypt import Bcrypt
from flask_caching import Cache
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_pymongo import PyMongo

mongo = PyMongo()
bcrypt = Bcrypt()
jwt = JWTManager()
limiter = Limiter(key_func=get_remote_address)
celery = Celery("api", broker=os.environ.get("BROKER", "redis://localhost"))
cache = Cache(config={"CACHE_TYPE": "filesystem", "CACHE_DIR": "/var/cache/api"})
