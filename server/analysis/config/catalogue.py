"""All checks for files that configure, by the parser that reads them."""

from typing import Any

from server.analysis.config import (
    cloud,
    commands,
    containers,
    images,
    nginx,
    properties,
    script,
    shell,
    terraform,
    workflows,
)
from server.analysis.rule import Check

DOCKERFILE_CHECKS: tuple[Check[Any], ...] = (*commands.CHECKS, *images.CHECKS)
YAML_CHECKS: tuple[Check[Any], ...] = (
    *commands.CHECKS,
    *cloud.CHECKS,
    *containers.CHECKS,
    *workflows.CHECKS,
)
SCRIPT_CHECKS: tuple[Check[Any], ...] = (*commands.CHECKS, *script.CHECKS, *shell.CHECKS)
NGINX_CHECKS: tuple[Check[Any], ...] = nginx.CHECKS
PROPERTIES_CHECKS: tuple[Check[Any], ...] = properties.CHECKS
TERRAFORM_CHECKS: tuple[Check[Any], ...] = terraform.CHECKS
