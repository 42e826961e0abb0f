"""CloudFormation: what a stack opens to the world, and rights for everything."""

from collections.abc import Iterator

from server.analysis.config.containers import WIDE_RIGHTS
from server.analysis.config.yaml_file import Entry, Shape, YamlFile
from server.analysis.rule import Hit, Kind, Rule, check
from server.analysis.text.credentials import DEFAULT_CREDENTIALS
from server.analysis.text.looks import Promise, is_value, promise_of
from server.reviews.finding import Confidence, Severity

UNENCRYPTED_STORAGE = Rule(
    "hive.unencrypted-storage",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.HIGH,
    "Whoever gets at the disk, a copy or a snapshot of it reads the data.",
    311,
    in_tests=False,
    also=(312, 319, 326),
    remedy="Turn encryption on; the provider keeps the key and nothing else changes.",
)
OPEN_TO_THE_WORLD = Rule(
    "hive.open-to-the-world",
    Kind.SECURITY,
    Severity.MEDIUM,
    Confidence.MEDIUM,
    "Everyone on the internet may read or write here, or try passwords.",
    732,
    in_tests=False,
    also=(284, 276, 668, 200, 306),
    remedy="Keep buckets and databases private, and open ports to the networks that need them.",
)

_PORTS = frozenset({"22", "3389", "3306", "5432", "1433", "6379", "27017", "9200", "11211"})
"""Of shells and databases."""

_HEAD = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"


@check(
    OPEN_TO_THE_WORLD,
    on=(Shape.CLOUDFORMATION,),
    bad=(
        _HEAD + "  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicReadWrite\n",
        _HEAD + "  D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: true\n",
        _HEAD + "  G:\n    Properties:\n      SecurityGroupIngress:\n"
        "        - CidrIp: 0.0.0.0/0\n          FromPort: 22\n          ToPort: 22\n",
    ),
    good=(
        _HEAD + "  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: Private\n",
        _HEAD + "  G:\n    Properties:\n      SecurityGroupIngress:\n"
        "        - CidrIp: 0.0.0.0/0\n          FromPort: 443\n          ToPort: 443\n",
    ),
)
def open_to_the_world(document: Entry, file: YamlFile) -> Iterator[Hit]:
    for entry in document.below():
        if entry.key == "AccessControl" and entry.value in ("PublicRead", "PublicReadWrite"):
            yield Hit(
                file.span(entry),
                "Everyone may read the bucket" if entry.value == "PublicRead" else "Everyone may write to the bucket",
            )
        elif entry.key == "PubliclyAccessible" and entry.value.lower() == "true":
            yield Hit(file.span(entry), "The database answers everyone on the internet")
        elif entry.key == "FunctionUrlConfig" and entry.text("AuthType") == "NONE":
            yield Hit(file.span(entry.children[0]), "Everyone on the internet may call the function")
        elif entry.text("CidrIp") == "0.0.0.0/0" and entry.text("FromPort") in _PORTS:
            yield Hit(file.span(entry), f"Port {entry.text('FromPort')} is open to everyone on the internet")


@check(
    UNENCRYPTED_STORAGE,
    on=(Shape.CLOUDFORMATION,),
    bad=(_HEAD + "  D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      StorageEncrypted: false\n",),
    good=(_HEAD + "  D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      StorageEncrypted: true\n",),
)
def unencrypted_storage(document: Entry, file: YamlFile) -> Iterator[Hit]:
    for entry in document.below():
        if entry.key in ("StorageEncrypted", "Encrypted", "AtRestEncryptionEnabled") and entry.value.lower() == "false":
            yield Hit(file.span(entry), "What is stored here is not encrypted")


@check(
    DEFAULT_CREDENTIALS,
    on=(Shape.CLOUDFORMATION,),
    bad=(_HEAD + "  D:\n    Type: A\nParameters:\n  DbPassword:\n    Default: orders2023\n",),
    good=(_HEAD + "  D:\n    Type: A\nParameters:\n  DbPassword:\n    NoEcho: true\n",),
)
def default_password(document: Entry, file: YamlFile) -> Iterator[Hit]:
    parameters = document.get("Parameters")
    for parameter in parameters.children if parameters is not None else ():
        given = parameter.get("Default")
        if given is not None and promise_of(parameter.key) >= Promise.PASSWORD and is_value(given.value):
            said = f"Without {parameter.key}, a value known to everyone holds"
            yield Hit(file.span(given), said, evidence=f"{parameter.key} = …")


@check(
    WIDE_RIGHTS,
    on=(Shape.CLOUDFORMATION, Shape.OTHER),
    bad=(
        _HEAD + "  F:\n    Properties:\n      Policies:\n        - Statement:\n            - Effect: Allow\n"
        '              Action: "*"\n              Resource: "*"\n',
    ),
    good=(
        _HEAD + "  F:\n    Properties:\n      Policies:\n        - Statement:\n            - Effect: Allow\n"
        '              Action: s3:GetObject\n              Resource: "*"\n',
        _HEAD + "  F:\n    Properties:\n      Policies:\n        - Statement:\n            - Effect: Deny\n"
        '              Action: "*"\n              Resource: "*"\n',
    ),
)
def wide_policy(document: Entry, file: YamlFile) -> Iterator[Hit]:
    for entry in document.below():
        action, resource = entry.get("Action"), entry.get("Resource")
        if action is None or resource is None or entry.text("Effect") != "Allow":
            continue
        if all("*" in (part.value, *(item.value for item in part.items())) for part in (action, resource)):
            yield Hit(file.span(action), "Everything may be done to everything")


CHECKS = (open_to_the_world, unencrypted_storage, default_password, wide_policy)
