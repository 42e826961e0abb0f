"""What Java's programs connect to, and where they send browsers."""

from server.analysis.flow.models import Danger, Model, Returns, Sink, Through, When
from server.analysis.flow.rules import HEADER_INJECTION
from server.analysis.java.models.words import ANSWER, WEB_CLIENT, new, of
from server.analysis.rules import OPEN_REDIRECT, URL_FROM_REQUEST

APACHE = tuple(
    f"{package}.Http{verb}"
    for package in (
        "org.apache.http.client.methods",
        "org.apache.hc.client5.http.classic.methods",
    )
    for verb in ("Get", "Post", "Put", "Delete", "Head", "Patch")
)
REST = "org.springframework.web.client.RestTemplate org.springframework.web.client.RestOperations"
REST_CLIENT = "org.springframework.web.client.RestClient"
REQUESTS = "java.net.http.HttpRequest"
OKHTTP = "okhttp3.Request.Builder"
RS_CLIENT = "javax.ws.rs.client.Client jakarta.ws.rs.client.Client"

MODELS: tuple[Model, ...] = (
    Returns(
        of(WEB_CLIENT, "get post put delete patch create method mutate build uri headers"),
        WEB_CLIENT,
    ),
    Returns(of(REST_CLIENT, "get post put delete patch create method mutate build uri headers"), REST_CLIENT),
    Returns(of(REQUESTS, "newBuilder header GET POST PUT timeout method uri"), REQUESTS),
    Returns(of(f"{OKHTTP}", "url get post header addHeader method"), OKHTTP),
    Returns(of("javax.ws.rs.client.ClientBuilder", "newClient"), "javax.ws.rs.client.Client"),
    Returns(of("jakarta.ws.rs.client.ClientBuilder", "newClient"), "jakarta.ws.rs.client.Client"),
    Sink(
        (
            *new("java.net.URL java.net.Socket"),
            *APACHE,
            *of(
                REST,
                "getForObject getForEntity postForObject postForEntity postForLocation exchange put delete"
                " patchForObject headForHeaders execute",
            ),
            *of("org.jsoup.Jsoup", "connect"),
            *of(f"{WEB_CLIENT} {REST_CLIENT}", "uri create baseUrl"),
            *of(REQUESTS, "newBuilder uri"),
            *of(OKHTTP, "url"),
            *of(RS_CLIENT, "target"),
            *of("org.apache.http.client.fluent.Request org.apache.hc.client5.http.fluent.Request", "Get Post get post"),
            *of("com.mashape.unirest.http.Unirest kong.unirest.Unirest kong.unirest.core.Unirest", "get post put"),
            *of("cn.hutool.http.HttpUtil cn.hutool.http.HttpRequest", "get post createGet downloadString"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
    ),
    Through(of(f"{WEB_CLIENT} {REST_CLIENT}", "retrieve exchange exchangeToMono exchangeToFlux"), ()),
    Sink(of(ANSWER, "sendRedirect"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(new("org.springframework.web.servlet.view.RedirectView"), Danger.REDIRECT, OPEN_REDIRECT),
    Sink(
        (
            "spring.answer",
            *new("org.springframework.web.servlet.ModelAndView"),
            *of("org.springframework.web.servlet.ModelAndView", "setViewName"),
        ),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        text=r"^redirect:",
    ),
    Sink(
        of("javax.ws.rs.core.Response jakarta.ws.rs.core.Response", "seeOther temporaryRedirect"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
    ),
    Sink(
        of(ANSWER, "setHeader addHeader"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        args=(1,),
        when=(When((0,), ("Location", "location")),),
    ),
    Sink(
        of(ANSWER, "setHeader addHeader"),
        Danger.HEADER,
        HEADER_INJECTION,
        args=(1,),
        unless=(When((0,), ("Location", "location")),),
    ),
)
