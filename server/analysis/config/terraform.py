"""Terraform: blocks with their settings, and what in them opens a cloud to the world, leaves data unencrypted or gives
rights for everything.
"""

# ruff: noqa: E501  # Examples of blocks, on one line each.

import re
from collections.abc import Iterator
from typing import NamedTuple

from server.analysis.config.cloud import OPEN_TO_THE_WORLD, UNENCRYPTED_STORAGE
from server.analysis.config.containers import WIDE_RIGHTS
from server.analysis.config.terraform_file import Block, TerraformFile
from server.analysis.python.tls import OLD_TLS
from server.analysis.rule import Hit, check
from server.analysis.rules import HARDCODED_PASSWORD
from server.analysis.text.credentials import DEFAULT_CREDENTIALS
from server.analysis.text.looks import PLACEHOLDER, Promise, is_value, promise_of

_ANYONE = re.compile(r"\b0\.0\.0\.0/0|::/0|^\*$|^Internet$")
_ADMIN_PORTS = (22, 3389, 3306, 5432, 1433, 6379, 27017, 9200, 11211, 5985, 2375, 2379, 9092, 5900, 23, 21, 445, 389)
_HEAD = 'resource "aws_security_group" "web" {\n'


@check(
    OPEN_TO_THE_WORLD,
    on=(Block,),
    bad=(
        _HEAD + '  ingress {\n    from_port   = 22\n    to_port     = 22\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
        _HEAD
        + '  ingress {\n    from_port = 0\n    to_port = 0\n    protocol = "-1"\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
        'resource "aws_security_group_rule" "db" {\n  type = "ingress"\n  from_port = 5432\n  to_port = 5432\n'
        '  cidr_blocks = [\n    "0.0.0.0/0",\n  ]\n}\n',
        'resource "google_compute_firewall" "ssh" {\n  source_ranges = ["0.0.0.0/0"]\n  allow {\n    protocol = "tcp"\n'
        '    ports = ["22"]\n  }\n}\n',
        'resource "azurerm_network_security_rule" "rdp" {\n  direction = "Inbound"\n  access = "Allow"\n'
        '  source_address_prefix = "*"\n  destination_port_range = "3389"\n}\n',
    ),
    good=(
        _HEAD + '  ingress {\n    from_port   = 443\n    to_port     = 443\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
        _HEAD + '  ingress {\n    from_port   = 22\n    to_port     = 22\n    cidr_blocks = ["10.0.0.0/8"]\n  }\n}\n',
        _HEAD
        + '  egress {\n    from_port = 0\n    to_port = 0\n    protocol = "-1"\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n',
        'resource "google_compute_firewall" "web" {\n  source_ranges = ["0.0.0.0/0"]\n  allow {\n    ports = ["443"]\n  }\n}\n',
    ),
)
def open_port(block: Block, file: TerraformFile) -> Iterator[Hit]:
    source = next((name for name in _SOURCES if _ANYONE.search(block.text(name).strip('[]" '))), "")
    if (
        not source
        or block.kind == "egress"
        or block.text("type") == "egress"
        or block.text("direction") in ("EGRESS", "Outbound")
    ):
        return
    if block.text("access") == "Deny" or block.kind == "deny":
        return
    ports = _ports(block) or [port for allowed in block.blocks if allowed.kind == "allow" for port in _ports(allowed)]
    reached = [port for port in _ADMIN_PORTS if any(low <= port <= high for low, high in ports)]
    if reached:
        what = f"Port {reached[0]} is" if len(reached) < 4 else "Every port is"
        yield Hit(file.span(block, source), f"{what} open to everyone on the internet")


_SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "source_ranges", "source_address_prefix")


def _ports(block: Block) -> list[tuple[int, int]]:
    """The ranges that it names; all of them where it says so."""
    low, high = block.text("from_port"), block.text("to_port")
    if low.lstrip("-").isdigit() and high.lstrip("-").isdigit():
        everything = block.text("protocol") in ("-1", "all") or block.text("ip_protocol") == "-1" or int(low) < 0
        return [(0, 65_535)] if everything else [(int(low), int(high))]
    if block.text("ip_protocol") == "-1" or block.text("protocol") == "all":
        return [(0, 65_535)]
    named = " ".join(block.text(name) for name in ("ports", "destination_port_range", "destination_port_ranges"))
    if named.strip() == "*":
        return [(0, 65_535)]
    ranges = re.findall(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?", named)
    return [(int(first), int(last or first)) for first, last in ranges]


class Public(NamedTuple):
    """A setting of resources whose type matches, and the values with which it opens them."""

    resource: re.Pattern[str]
    name: str
    values: re.Pattern[str]
    message: str


def _public(resource: str, name: str, values: str, message: str) -> Public:
    return Public(re.compile(resource), name, re.compile(values), message)


_PUBLIC: tuple[Public, ...] = (
    _public(r"aws_s3_bucket", "acl", r"public-read(?:-write)?$", "Everyone may read the bucket"),
    _public(r"aws_s3_bucket_public_access_block", "block_public_acls", r"false$", "The bucket may be made public"),
    _public(r"aws_s3_bucket_public_access_block", "block_public_policy", r"false$", "The bucket may be made public"),
    _public(
        r"aws_(?:db|rds|redshift|dms|docdb|neptune)", "publicly_accessible", r"true$", "The database answers everyone"
    ),
    _public(r"google_storage|google_.*_iam", "member", r"all(?:Authenticated)?Users$", "Everyone has this role"),
    _public(r"google_storage|google_.*_iam", "members", r".*all(?:Authenticated)?Users", "Everyone has this role"),
    _public(r"google_sql", "value", r"0\.0\.0\.0/0$", "The database answers everyone"),
    _public(r"azurerm_storage", "allow_blob_public_access", r"true$", "Everyone may read the storage"),
    _public(r"azurerm_storage", "allow_nested_items_to_be_public", r"true$", "Everyone may read the storage"),
    _public(
        r"azurerm_storage_container", "container_access_type", r"(?:blob|container)$", "Everyone may read the storage"
    ),
    _public(
        r"azurerm_(?:mssql|sql|postgresql|mysql)", "start_ip_address", r"0\.0\.0\.0$", "The database answers everyone"
    ),
)


@check(
    OPEN_TO_THE_WORLD,
    on=(Block,),
    bad=(
        'resource "aws_s3_bucket" "files" {\n  acl = "public-read"\n}\n',
        'resource "aws_db_instance" "db" {\n  publicly_accessible = true\n}\n',
        'resource "google_storage_bucket_iam_member" "all" {\n  member = "allUsers"\n}\n',
        'resource "azurerm_storage_container" "c" {\n  container_access_type = "blob"\n}\n',
    ),
    good=(
        'resource "aws_s3_bucket" "files" {\n  acl = "private"\n}\n',
        'resource "aws_db_instance" "db" {\n  publicly_accessible = false\n}\n',
    ),
)
def public_data(block: Block, file: TerraformFile) -> Iterator[Hit]:
    for public in _PUBLIC:
        here = public.name in block.settings and public.resource.match(block.resource)
        if here and public.values.match(block.text(public.name)):
            yield Hit(file.span(block, public.name), public.message)
            return


_ENCRYPTS = (
    "storage_encrypted",
    "encrypted",
    "at_rest_encryption_enabled",
    "transit_encryption_enabled",
    "kms_encrypted",
)


@check(
    UNENCRYPTED_STORAGE,
    on=(Block,),
    bad=(
        'resource "aws_db_instance" "db" {\n  storage_encrypted = false\n}\n',
        'resource "aws_ebs_volume" "v" {\n  encrypted = false\n}\n',
    ),
    good=('resource "aws_db_instance" "db" {\n  storage_encrypted = true\n}\n',),
)
def unencrypted_storage(block: Block, file: TerraformFile) -> Iterator[Hit]:
    for name in _ENCRYPTS:
        if block.text(name) == "false":
            yield Hit(file.span(block, name), "What is stored here is not encrypted")
            return


@check(
    WIDE_RIGHTS,
    on=(Block,),
    bad=(
        'data "aws_iam_policy_document" "all" {\n  statement {\n    actions = ["*"]\n    resources = ["*"]\n  }\n}\n',
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode({\n    Statement = [{\n      Effect = "Allow"\n'
        '      Action = "*"\n      Resource = "*"\n    }]\n  })\n}\n',
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode({\n'
        '    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]\n  })\n}\n',
        'resource "aws_iam_role_policy" "p" {\n  policy = <<EOF\n{"Statement": [\n'
        '  {"Effect": "Allow", "Action": ["*"], "Resource": "*"}\n]}\nEOF\n}\n',
    ),
    good=(
        'data "aws_iam_policy_document" "s3" {\n  statement {\n    actions = ["s3:GetObject"]\n    resources = ["*"]\n  }\n}\n',
        'resource "aws_iam_policy" "p" {\n  policy = jsonencode({\n'
        '    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]\n  })\n}\n',
        'data "aws_iam_policy_document" "no" {\n  statement {\n    effect = "Deny"\n    actions = ["*"]\n'
        '    resources = ["*"]\n  }\n}\n',
    ),
)
def wide_policy(block: Block, file: TerraformFile) -> Iterator[Hit]:
    """As settings of their own, or all of a statement on one line or in one text."""
    for name, setting in block.settings.items():
        said = setting.value
        if _ANY_ACTION.search(said) and _ANY_RESOURCE.search(said) and "Deny" not in said:
            yield Hit(file.span(block, name), "Everything may be done to everything")
            return
    action = next((name for name in ("actions", "Action") if _is_everything(block.text(name))), "")
    resource = _is_everything(block.text("resources")) or _is_everything(block.text("Resource"))
    if action and resource and "Deny" not in (block.text("effect"), block.text("Effect")):
        yield Hit(file.span(block, action), "Everything may be done to everything")


_ANY_ACTION = re.compile(r"\bactions?\"?\s{0,4}[=:]\s{0,4}\[?\s{0,4}\"\*\"", re.IGNORECASE)
_ANY_RESOURCE = re.compile(r"\bresources?\"?\s{0,4}[=:]\s{0,4}\[?\s{0,4}\"\*\"", re.IGNORECASE)


def _is_everything(value: str) -> bool:
    return value.strip('[]" ') == "*"


@check(
    HARDCODED_PASSWORD,
    on=(Block,),
    bad=('resource "aws_db_instance" "db" {\n  password = "orders-db"\n}\n',),
    good=(
        'resource "aws_db_instance" "db" {\n  password = var.db_password\n}\n',
        'resource "aws_db_instance" "db" {\n  password = "${random_password.db.result}"\n}\n',
        'resource "aws_ssm_parameter" "p" {\n  name = "password"\n}\n',
    ),
)
def written_password(block: Block, file: TerraformFile) -> Iterator[Hit]:
    """A setting of a resource, where a password is never the name of a field."""
    if block.resource == "" or (block.kind == "variable"):
        return
    for name, setting in block.settings.items():
        enough = promise_of(name) >= Promise.PASSWORD and setting.is_text and is_value(setting.value)
        if enough and not PLACEHOLDER.search(setting.value) and not setting.value.startswith(("data.", "var.")):
            yield Hit(file.span(block, name), f"The value of {name} stands in the code", evidence=f"{name} = …")


@check(
    DEFAULT_CREDENTIALS,
    on=(Block,),
    bad=('variable "db_password" {\n  type = string\n  default = "postgres"\n}\n',),
    good=('variable "db_password" {\n  type = string\n}\n', 'variable "db_name" {\n  default = "postgres"\n}\n'),
)
def default_password(block: Block, file: TerraformFile) -> Iterator[Hit]:
    given = block.settings.get("default")
    if block.kind != "variable" or given is None or not block.labels or not given.is_text:
        return
    if promise_of(block.labels[0]) >= Promise.PASSWORD and is_value(given.value):
        said = f"Without {block.labels[0]}, a value known to everyone holds"
        yield Hit(file.span(block, "default"), said, evidence=f"{block.labels[0]} = …")


_OLD = re.compile(
    r"(?:TLSv?1(?:[._][01])?(?:_20\d\d)?|TLS1_[01]|1\.[01]|SSLv3|ELBSecurityPolicy-(?:20\d\d-\d\d|TLS-1-[01]\S*))$"
)


@check(
    OLD_TLS,
    on=(Block,),
    bad=(
        'resource "aws_cloudfront_distribution" "c" {\n  viewer_certificate {\n    minimum_protocol_version = "TLSv1"\n  }\n}\n',
    ),
    good=('resource "azurerm_storage_account" "s" {\n  min_tls_version = "TLS1_2"\n}\n',),
)
def old_tls(block: Block, file: TerraformFile) -> Iterator[Hit]:
    for name in ("minimum_protocol_version", "min_tls_version", "minimum_tls_version", "ssl_policy", "security_policy"):
        if _OLD.match(block.text(name)):
            yield Hit(file.span(block, name), "Broken versions of TLS are allowed")
            return


CHECKS = (
    open_port,
    public_data,
    unencrypted_storage,
    wide_policy,
    written_password,
    default_password,
    old_tls,
)
