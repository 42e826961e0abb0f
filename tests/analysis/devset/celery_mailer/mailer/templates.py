from jinja2 import Environment, PackageLoader, select_autoescape

environment = Environment(loader=PackageLoader("mailer"), autoescape=select_autoescape())
plain = Environment(loader=PackageLoader("mailer", "text"), autoescape=False)
