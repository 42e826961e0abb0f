"""What may be set, how it may be wrong, and that nothing secret shows."""

import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.config import ROLES_WITH_REDIS_URL, VARIABLES, Address, Secret, Settings
from server.errors import ConfigurationInvalid

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIkey\n-----END RSA PRIVATE KEY-----\n"


def load(tmp_path: Path, env: Mapping[str, str] | None = None, toml: str | None = None) -> Settings:
    if toml is not None:
        (tmp_path / "hive.toml").write_text(toml)
    return Settings.load({"HIVE_DATA": str(tmp_path), **(env or {})})


def refused(tmp_path: Path, env: Mapping[str, str] | None = None, toml: str | None = None) -> str:
    with pytest.raises(ConfigurationInvalid) as caught:
        load(tmp_path, env, toml)
    return str(caught.value)


def test_with_nothing_set_everything_has_a_default_and_listens_on_loopback_only(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings(
        data_dir=tmp_path,
        http=Address("127.0.0.1", 8642),
        lsp=Address("127.0.0.1", 8643),
        github_api_url="https://api.github.com",
        log="console",
    )


def test_every_setting_comes_from_the_environment(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {
            "HIVE_HTTP": "0.0.0.0:80",
            "HIVE_LSP": "[::1]:0",
            "DATABASE_URL": "postgresql://u:p@db/hive",
            "REDIS_URL": "rediss://u:p@redis:6380",
            "REDIS_URL_AGENT": "rediss://agent:p@redis:6380",
            "GITHUB_APP_ID": "7",
            "GITHUB_PRIVATE_KEY": PEM,
            "GITHUB_WEBHOOK_SECRET": "current, previous",
            "GITHUB_API_URL": "https://github.example/api/v3/",
            "ANTHROPIC_API_KEY": "sk-ant",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
            "HIVE_MODEL": "claude",
            "HIVE_MODEL_FAST": "claude-small",
            "HIVE_THINKERS": "elsewhere",
            "HIVE_SANDBOX_PATHS": "/opt/tests:/srv/node",
            "HIVE_BUDGET_JOB": "0.5",
            "HIVE_BUDGET_PROJECT_DAY": "$3",
            "HIVE_BUDGET_DAY": "0",
            "HIVE_EMBEDDER": "http://127.0.0.1:11434/v1/embeddings",
            "HIVE_EMBEDDER_MODEL": "nomic-embed-text",
            "HIVE_EMBEDDER_DIMENSION": "768",
            "HIVE_EMBEDDER_KEY": "pa-1",
            "HIVE_LOG": "json",
            "HIVE_SLEEP_AFTER": "2.5",
            "HIVE_IDE_COMMANDS": "make test; pytest 'a b' *;",
        },
    )

    assert settings == Settings(
        data_dir=tmp_path,
        http=Address("0.0.0.0", 80),
        lsp=Address("::1", 0),
        database_url="postgresql://u:p@db/hive",
        redis_url="rediss://u:p@redis:6380",
        redis_role_urls={"agent": "rediss://agent:p@redis:6380"},
        github_app_id=7,
        github_private_key=Secret(PEM),
        github_webhook_secrets=(Secret("current"), Secret("previous")),
        github_api_url="https://github.example/api/v3",
        anthropic_api_key=Secret("sk-ant"),
        anthropic_base_url="http://127.0.0.1:9",
        model="claude",
        fast_model="claude-small",
        thinkers="elsewhere",
        sandbox_paths=(Path("/opt/tests"), Path("/srv/node")),
        budget_job=0.5,
        budget_project_day=3.0,
        budget_day=0.0,
        embedder="http://127.0.0.1:11434/v1/embeddings",
        embedder_model="nomic-embed-text",
        embedder_dimension=768,
        embedder_key=Secret("pa-1"),
        log="json",
        sleep_after_seconds=2.5,
        ide_commands=(("make", "test"), ("pytest", "a b", "*")),
    )
    assert str(settings.lsp) == "[::1]:0"


def test_the_file_has_the_same_names_and_the_environment_wins(tmp_path: Path) -> None:
    toml = 'http = "127.0.0.1:1"\nlsp = "127.0.0.1:2"\ngithub_app_id = 7\ngithub_private_key = """\n' + PEM + '"""\n'

    settings = load(tmp_path, {"HIVE_LSP": "127.0.0.1:3"}, toml)

    assert (settings.http.port, settings.lsp.port, settings.github_app_id) == (1, 3, 7)


def test_empty_is_absent_since_compose_files_pass_it_so(tmp_path: Path) -> None:
    assert load(tmp_path, dict.fromkeys(VARIABLES[1:], " ")) == Settings(data_dir=tmp_path)


def test_all_errors_are_listed_together(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        {"HIVE_HTTP": "8642", "DATABASE_URL": "mysql://db", "HIVE_LOG": "xml"},
        'lsp = "127.0.0.1:99999"\ngithub_app_id = true\nredis = "redis://x"\n',
    )

    assert said.splitlines() == [
        "6 settings are wrong:",
        "  redis in hive.toml: there is no such setting; did you mean redis_url?",
        "  HIVE_HTTP: expected host:port, such as 127.0.0.1:8642",
        "  lsp in hive.toml: expected host:port, such as 127.0.0.1:8642",
        "  DATABASE_URL: expected a URL that starts with postgresql:// or postgres://",
        "  github_app_id in hive.toml: expected a string or a number",
        "  HIVE_LOG: expected json or console",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HIVE_HTTP", "localhost"),
        ("HIVE_HTTP", ":7"),
        ("HIVE_HTTP", "127.0.0.1:port"),
        ("HIVE_HTTP", "127.0.0.1:-1"),
        ("HIVE_HTTP", "me@127.0.0.1:1"),
        ("HIVE_LSP", "127.0.0.1:1/path"),
        ("HIVE_LSP", "::1:8643"),
        ("DATABASE_URL", "postgres:///"),
        ("DATABASE_URL", "postgresql://db:port/hive"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL_DOOR", "http://redis"),
        ("GITHUB_API_URL", "api.github.com"),
        ("GITHUB_APP_ID", "0"),
        ("GITHUB_APP_ID", "seven"),
        ("GITHUB_APP_ID", "\u0667"),  # a digit, but not one of ours
        ("GITHUB_PRIVATE_KEY", "/no/such/file.pem"),
        ("GITHUB_PRIVATE_KEY", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
        ("GITHUB_WEBHOOK_SECRET", "one,two,three"),
        ("GITHUB_WEBHOOK_SECRET", "one,"),
        ("HIVE_LOG", "JSON"),
        ("HIVE_THINKERS", "none"),
        ("HIVE_SANDBOX_PATHS", "/proc/1"),
        ("HIVE_SANDBOX_PATHS", "/opt/../etc"),
        ("HIVE_SANDBOX_PATHS", "opt/venv"),
        ("HIVE_EMBEDDER", "local"),
        ("HIVE_EMBEDDER_DIMENSION", "40960"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name_and_never_repeated(tmp_path: Path, name: str, value: str) -> None:
    said = refused(tmp_path, {name: value})

    assert f"{name}: " in said
    assert value not in said


def test_tests_of_repositories_are_not_shown_the_hubs_own_keys_or_somebodys_home() -> None:
    given = {"HIVE_DATA": "/opt/hive/data", "HOME": "/home/ann"}

    for path in ("/opt", "/opt/hive/data/keys", "/home", "/home/ann"):
        with pytest.raises(ConfigurationInvalid, match="HIVE_SANDBOX_PATHS: tests would see"):
            Settings.load(given | {"HIVE_SANDBOX_PATHS": path})
    assert Settings.load(given | {"HIVE_SANDBOX_PATHS": "/home/ann/venv"}).sandbox_paths == (Path("/home/ann/venv"),)


@pytest.mark.parametrize(
    ("given", "thinks"),
    [({}, False), ({"ANTHROPIC_API_KEY": "k"}, True), ({"HIVE_THINKERS": "elsewhere"}, True)],
    ids=["nothing", "key", "elsewhere"],
)
def test_there_is_a_model_where_its_key_is_or_where_others_hold_it(
    tmp_path: Path, given: dict[str, str], thinks: bool
) -> None:
    assert load(tmp_path, given).thinks is thinks


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"GITHUB_APP_ID": "7"}, "GITHUB_PRIVATE_KEY"),
        ({"GITHUB_PRIVATE_KEY": PEM}, "GITHUB_APP_ID"),
        ({"REDIS_URL_DOOR": "redis://door@r", "REDIS_URL_AGENT": "redis://agent@r"}, "REDIS_URL_EFFECTS"),
    ],
)
def test_half_of_what_belongs_together_is_refused(tmp_path: Path, given: dict[str, str], missing: str) -> None:
    assert missing in refused(tmp_path, given)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("HIVE_LGO", "HIVE_LOG"),
        ("HIVE_HTPP", "HIVE_HTTP"),
        ("HIVE_DATA_DIR", "HIVE_DATA"),
        ("HIVE_MODELL", "HIVE_MODEL"),
        ("HIVE_DATABASE_URL", "DATABASE_URL"),
        ("HIVE_TOKN", "HIVE_TOKEN"),
    ],
)
def test_a_misspelt_name_in_the_environment_is_listed_with_the_others(
    tmp_path: Path, misspelt: str, meant: str
) -> None:
    said = refused(tmp_path, {misspelt: "x", "HIVE_LSP": "nonsense"})

    assert f"{misspelt}: there is no such setting; did you mean {meant}?" in said
    assert "HIVE_LSP: expected" in said


def test_what_is_no_misspelt_setting_is_somebody_elses(tmp_path: Path) -> None:
    others = (
        *("HIVE_URL", "HIVE_TOKEN", "HIVE_POSTGRES_PASSWORD", "HIVE_LSP_COMMAND", "HIVE_HOME", "HIVE_METASTORE_PORT"),
        *(f"HIVE_REDIS_PASSWORD_{role.upper()}" for role in ROLES_WITH_REDIS_URL),
    )

    assert load(tmp_path, {**dict.fromkeys(others, "x"), "HIVE_LGO": ""}) == Settings(data_dir=tmp_path)


def test_a_setting_under_its_name_in_the_environment_is_pointed_to_the_file_s_own(tmp_path: Path) -> None:
    assert "did you mean http?" in refused(tmp_path, toml='HIVE_HTTP = "127.0.0.1:0"\n')


def test_a_file_that_is_not_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    assert f"{tmp_path}/hive.toml: " in refused(tmp_path, toml="http = \n")


def test_a_private_key_may_be_a_path_or_one_line(tmp_path: Path) -> None:
    (tmp_path / "app.pem").write_text(PEM)

    for text in (str(tmp_path / "app.pem"), PEM, PEM.replace("\n", "\\n")):
        settings = load(tmp_path, {"GITHUB_APP_ID": "7", "GITHUB_PRIVATE_KEY": text})
        assert settings.github_private_key == Secret(PEM)


def test_secrets_never_show(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {
            "DATABASE_URL": "postgresql://u:hidden@db/hive",
            "REDIS_URL": "redis://u:hidden@redis",
            "REDIS_URL_AGENT": "redis://agent:hidden@redis",
            "GITHUB_APP_ID": "7",
            "GITHUB_PRIVATE_KEY": PEM.replace("MIIkey", "hidden"),
            "GITHUB_WEBHOOK_SECRET": "hidden",
            "ANTHROPIC_API_KEY": "hidden",
        },
    )
    secret = Secret("hidden")

    shown = [repr(settings), str(settings), repr(secret), str(secret), f"{secret}", f"{[secret]}"]

    assert not any("hidden" in text for text in shown)
    assert secret.reveal() == "hidden"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
