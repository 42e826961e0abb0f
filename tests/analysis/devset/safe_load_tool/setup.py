from setuptools import find_packages, setup

setup(name="swarm", version="0.4", packages=find_packages(), install_requires=["flask", "flask-login", "flask-wtf", "requests"])
