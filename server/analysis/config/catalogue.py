"""All checks for files that configure, by the parser that reads them."""

from typing import Any

from server.analysis.config import commands, containers, images, nginx, properties, workflows
from server.analysis.rule import Check

DOCKERFILE_CHECKS: tuple[Check[Any], ...] = (*commands.CHECKS, *images.CHECKS)
YAML_CHECKS: tuple[Check[Any], ...] = (*commands.CHECKS, *containers.CHECKS, *workflows.CHECKS)
NGINX_CHECKS: tuple[Check[Any], ...] = nginx.CHECKS
PROPERTIES_CHECKS: tuple[Check[Any], ...] = properties.CHECKS
