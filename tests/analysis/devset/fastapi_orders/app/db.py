import os

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

factory = sessionmaker(create_engine(os.environ["DATABASE_URL"]))


def get_session():
    with factory() as session:
        yield session
