"""Which Redis a URL means, and what is said of one that means none."""

from typing import Any

import pytest
from redis.asyncio import SSLConnection

from server.errors import ConfigurationInvalid
from server.messaging import connect
from server.redis_url import Host, RedisUrl, Shape

MEANT = {
    "redis://u:p@redis:6380/2": RedisUrl(Shape.SINGLE, "redis://u:p@redis:6380/2"),
    "unix://u:p@/run/redis.sock?db=1": RedisUrl(Shape.SINGLE, "unix://u:p@/run/redis.sock?db=1"),
    "redis+sentinel://one,two:5/hive": RedisUrl(
        Shape.SENTINEL, "redis://one:26379", (Host("one", 26379), Host("two", 5)), "hive"
    ),
    "REDISS+Sentinel://u:p%40@[::1]:5,two/my%2Fhive/3?ssl_ca_certs=/ca.pem&sentinel_username=s&sentinel_password=t": (
        RedisUrl(
            Shape.SENTINEL,
            "rediss://u:p%40@[::1]:5/3?ssl_ca_certs=%2Fca.pem",
            (Host("::1", 5), Host("two", 26379)),
            "my/hive",
            "s",
            "t",
        )
    ),
    "redis+cluster://u:p@one:7000,two": RedisUrl(
        Shape.CLUSTER, "redis://u:p@one:7000", (Host("one", 7000), Host("two", 6379))
    ),
    "rediss+cluster://one/0?ssl_cert_reqs=none": RedisUrl(
        Shape.CLUSTER, "rediss://one:6379?ssl_cert_reqs=none", (Host("one", 6379),)
    ),
}


@pytest.mark.parametrize(("text", "url"), MEANT.items())
def test_a_url_says_where_redis_is(text: str, url: RedisUrl) -> None:
    assert RedisUrl.parse(text) == url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one:6379", "starts with redis://"),
        ("redis-sentinel://one/hive", r"redis\+sentinel://"),
        ("http://one", "starts with redis://"),
        ("redis://", "one host and its port"),
        ("redis://one:port", "one host and its port"),
        ("redis://one,two", "one host and its port"),
        ("unix://", "unix:///path"),
        ("redis://one?socket_timeout=60", "no option 'socket_timeout'"),
        ("redis://one?sentinel_password=x", "no option 'sentinel_password'"),
        ("redis+sentinel://one:26379", "name that the Sentinels know the master by"),
        ("redis+sentinel://one/hive/main", "name that the Sentinels know the master by"),
        ("redis+sentinel:///hive", "hosts with commas"),
        ("redis+sentinel://one,,two/hive", "hosts with commas"),
        ("redis+cluster://one:70000", "hosts with commas"),
        ("redis+cluster://one/3", "one database only"),
        ("redis+cluster://one?db=3", "one database only"),
        ("redis+cluster://one?sentinel_username=x", "no option 'sentinel_username'"),
    ],
)
def test_what_is_no_url_of_a_redis_is_refused_with_what_was_expected(text: str, expected: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=expected):
        connect(text)


@pytest.mark.parametrize("text", ["redis://u:hidden@", "redis+sentinel://u:hidden@one", "redis+cluster://hidden@one/3"])
def test_a_refusal_never_tells_a_password(text: str) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        connect(text)

    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(("scheme", "has_tls"), [("redis+sentinel", False), ("rediss+sentinel", True)])
def test_tls_is_for_the_master_and_for_the_sentinels(scheme: str, has_tls: bool) -> None:
    pool: Any = connect(
        f"{scheme}://u:p@one,two/hive?ssl_ca_certs=/ca.pem" if has_tls else f"{scheme}://one/hive"
    ).connection_pool

    sentinels = [each.connection_pool for each in pool.sentinel_manager.sentinels]
    assert issubclass(pool.connection_class, SSLConnection) is has_tls
    assert {issubclass(each.connection_class, SSLConnection) for each in sentinels} == {has_tls}
    if has_tls:
        assert {each.connection_kwargs["ssl_ca_certs"] for each in (pool, *sentinels)} == {"/ca.pem"}
        assert {each.connection_kwargs["username"] for each in sentinels} == {None}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("redis://u:p@redis:6380/2", "redis:6380"),
        ("unix://u:p@/run/redis.sock", "/run/redis.sock"),
        ("redis+sentinel://u:p@[::1],two:5/hive", "[::1]:26379,two:5"),
    ],
)
def test_a_place_can_be_shown_to_people(text: str, place: str) -> None:
    assert RedisUrl.parse(text).place == place


def test_a_url_hides_its_passwords_when_it_is_printed() -> None:
    url = RedisUrl.parse("redis+sentinel://u:hidden@one/hive?sentinel_password=hidden")

    assert "hidden" not in repr(url)
