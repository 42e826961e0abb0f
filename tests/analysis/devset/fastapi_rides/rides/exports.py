import importlib
import subprocess
from html import escape
from string import Template

PAGE = Template("<html><body><h1>Trip $number</h1><p>$note</p></body></html>")


def receipt(trip, note: str) -> str:
    return PAGE.substitute(number=trip.id, note=note)


def safe_receipt(trip, note: str) -> str:
    return PAGE.substitute(number=trip.id, note=escape(note))


def run(format: str, driver: int):
    module = importlib.import_module(f"rides.formats.{format}")
    yield from module.rows(driver)


def pdf(name: str):
    return subprocess.run(["wkhtmltopdf", "-", "-"], input=name.encode(), capture_output=True, check=True).stdout
