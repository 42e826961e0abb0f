"""Statements by which programs in Go, Java, PHP, Ruby and C# turn a protection off, or tell secrets to the log.

One line each, told by its own words, so that the text is enough. Python and JavaScript have checks that know the syntax.
"""

# ruff: noqa: E501  # One statement, one line: it is a table.

import re
from collections.abc import Iterator

from server.analysis.config.properties import TOLD_INTERNALS
from server.analysis.python.settings import CSRF_OFF, FRAMING_ALLOWED, NO_TRANSPORT_SECURITY, OPEN_BY_DEFAULT
from server.analysis.rule import Hit, check
from server.analysis.rules import PERMISSIVE_CORS
from server.analysis.text.file import TextFile
from server.analysis.text.statements import Statement, hits_of
from server.reviews.finding import Severity


@check(
    CSRF_OFF,
    on=(TextFile,),
    bad=(
        "http.csrf().disable();\n",
        "http.csrf(csrf -> csrf.disable());\n",
        "http.csrf(AbstractHttpConfigurer::disable);\n",
        "skip_before_action :verify_authenticity_token\n",
        "    @csrf_off = true\n    skip_forgery_protection\n",
        "  disable :protection\n",
        "config.action_controller.default_protect_from_forgery = false\n",
        "config.action_controller.allow_forgery_protection = false\n",
    ),
    good=(
        "http.csrf(Customizer.withDefaults());\n",
        "// http.csrf().disable();\n",
        "protect_from_forgery with: :exception\n",
        "skip_before_action :verify_authenticity_token, only: :paid\n  before_action :verify_signature\n",
        "http.csrf().disable().sessionManagement().sessionCreationPolicy(SessionCreationPolicy.STATELESS);\n",
    ),
)
def csrf_off(file: TextFile, _: TextFile) -> Iterator[Hit]:
    """Where sessions are stateless there is no cookie to send along."""
    stateless = re.compile("STATELESS")
    yield from hits_of(
        file,
        Statement("csrf", re.compile(r"\.csrf\(\)\s{0,80}\.disable\(\)"), "CSRF protection is off", stateless),
        Statement(
            "csrf",
            re.compile(r"\.csrf\(\s{0,40}\(?\w{1,20}\)?\s{0,4}->\s{0,40}\w{1,20}\.disable\(\)"),
            "CSRF protection is off",
            stateless,
        ),
        Statement("csrf", re.compile(r"\.csrf\(\w{1,40}::disable\)"), "CSRF protection is off", stateless),
        Statement(
            "verify_authenticity_token",
            re.compile(r"skip_before_action\s{1,4}:verify_authenticity_token"),
            "CSRF protection is off",
            re.compile(r"before_action\s{1,4}:\w{0,40}(?:signature|webhook|hmac|api_key|api_token)"),
        ),
        *(
            Statement(name, re.compile(rf"\b{name}\s{{0,4}}=\s{{0,4}}false"), "CSRF protection is off")
            for name in ("default_protect_from_forgery", "allow_forgery_protection")
            if not re.search(r"(?:^|/)(?:development|test|local)\.rb$", file.source.path)
        ),
        Statement(
            ":protection",
            re.compile(r"^\s{0,20}(?:disable\s{1,4}:protection\b|set\s{1,4}:protection,\s{0,4}false\b)", re.MULTILINE),
            "Sinatra's protection is off",
        ),
        Statement(
            "skip_forgery_protection",
            re.compile(r"^\s{0,80}skip_forgery_protection\b", re.MULTILINE),
            "CSRF protection is off",
        ),
    )


@check(
    FRAMING_ALLOWED,
    on=(TextFile,),
    bad=(
        "config.action_dispatch.default_headers = { 'X-Frame-Options' => 'ALLOWALL' }\n",
        "http.headers().frameOptions().disable();\n",
        "http.headers(h -> h.frameOptions(f -> f.disable()));\n",
    ),
    good=("http.headers().frameOptions().sameOrigin();\n",),
)
def framing_allowed(file: TextFile, _: TextFile) -> Iterator[Hit]:
    off = re.compile(
        r"frameOptions\(\)\s{0,80}\.disable\(\)|frameOptions\(\s{0,4}(?:\w{1,20}\s{0,4}->\s{0,4}\w{1,20}\.disable\(\)|\w{1,40}::disable)"
    )
    said = "Any site may show the pages in a frame"
    all_ = re.compile(r"X-Frame-Options['\"]\]?\s{0,4}(?:=>?|,|:)\s{0,4}['\"]ALLOW-?ALL", re.IGNORECASE)
    yield from hits_of(file, Statement("frameOptions", off, said), Statement("X-Frame-Options", all_, said))


@check(
    OPEN_BY_DEFAULT,
    on=(TextFile,),
    bad=(
        "http.authorizeRequests().anyRequest().permitAll();\n",
        'web.ignoring().antMatchers("/**");\n',
        'auth.requestMatchers("/login", "/admin/**").permitAll()\n',
        'http.authorizeRequests().antMatchers("/actuator/**").permitAll();\n',
    ),
    good=(
        "http.authorizeRequests().anyRequest().authenticated();\n",
        '.antMatchers("/login").permitAll()\n',
        'auth.requestMatchers("/actuator/health").permitAll()\n',
        '.antMatchers("/admin/**").hasRole("ADMIN").antMatchers("/login").permitAll()\n',
    ),
)
def open_by_default(file: TextFile, _: TextFile) -> Iterator[Hit]:
    yield from hits_of(
        file,
        Statement("permitAll", re.compile(r"\.anyRequest\(\)\s{0,80}\.permitAll\(\)"), "Every request is let through"),
        Statement(
            "/**",
            re.compile(r"\.(?:antMatchers|requestMatchers|mvcMatchers)\(\"/\*\*\"\)(?:\s{0,80}\.permitAll\(\)|;)"),
            "Every request is let through",
        ),
        Statement(
            "permitAll",
            re.compile(
                r"\.(?:antMatchers|requestMatchers|mvcMatchers|securityMatcher|pathMatchers)\([^()]{0,200}\"(?:/\w{1,20}){0,2}/(?:admin|actuator|manage|management|internal|h2-console|console|audit|jolokia|metrics|env)(?!/(?:health|info|login))[\"/*][^()]{0,200}\)\s{0,80}\.permitAll\(\)"
            ),
            "What is for administrators is open to everybody",
        ),
    )


@check(
    PERMISSIVE_CORS,
    on=(TextFile,),
    bad=(
        '@CrossOrigin(origins = "*")\n',
        "@CrossOrigin\npublic class A {}\n",
        'w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))\n',
        "header('Access-Control-Allow-Origin: *');\n",
        'config.addAllowedOrigin("*");\n',
        "origins '*'\n",
        "origins(/.*/)\n",
        "cors.Config{AllowOriginFunc: func(origin string) bool { return true }}\n",
        'configuration.setAllowedOriginPatterns(List.of("*"));\n',
        "header('Access-Control-Allow-Origin: ' . $_SERVER['HTTP_ORIGIN']);\n",
    ),
    good=(
        '@CrossOrigin(origins = "https://a.example")\n',
        'w.Header().Set("Access-Control-Allow-Origin", "https://a.example")\n',
        "origins 'a.example'\n",
        "// @CrossOrigin\n",
    ),
)
def permissive_cors(file: TextFile, _: TextFile) -> Iterator[Hit]:
    anyone = "Any origin may read the answers"
    statements = (
        Statement(
            "@CrossOrigin",
            re.compile(r"@CrossOrigin\b(?!\s{0,4}\()|@CrossOrigin\((?:\s{0,4}origins\s{0,4}=\s{0,4})?\{?\s{0,4}\"\*\""),
            anyone,
        ),
        Statement(
            "Access-Control-Allow-Origin",
            re.compile(
                r"Access-Control-Allow-Origin[\"']\s{0,4}(?:,|=>?|\]\s{0,4}=)\s{0,4}(?:[\"']\*|r\.Header\.Get\(\"Origin\"|req\w*\.getHeader\(\"Origin\"|request\.(?:headers|env)\[)"
            ),
            anyone,
        ),
        Statement(
            "Access-Control-Allow-Origin",
            re.compile(
                r"header\(\s{0,4}[\"']Access-Control-Allow-Origin:\s{0,4}(?:\*|[\"']?\s{0,4}\.?\s{0,4}\{?\$_SERVER)"
            ),
            anyone,
        ),
        Statement(
            "llowedOrigin",
            re.compile(
                r"\.?(?:addAllowedOrigin(?:Pattern)?|allowedOrigins|allowedOriginPatterns|setAllowedOrigin(?:s|Patterns))\(\s{0,4}(?:\w{1,10}\.(?:of|asList)\(\s{0,4})?\"\*\""
            ),
            anyone,
        ),
        Statement("Origins:", re.compile(r"Allow(?:ed)?Origins:\s{0,20}\[\]string\{\s{0,4}\"\*\""), anyone),
        Statement("AllowAllOrigins", re.compile(r"AllowAllOrigins\s{0,4}[:=]\s{0,4}true"), anyone),
        Statement(
            "AllowOriginFunc",
            re.compile(
                r"Allow\w{0,3}OriginFunc\w{0,20}\s{0,8}[:=]\s{0,8}func\([^)]{0,80}\)[^{\n]{0,20}\{\s{0,20}return true\b"
            ),
            anyone,
        ),
        Statement(
            "origins",
            re.compile(r"^\s{0,20}origins(?:\s{1,4}|\(\s{0,4})(?:[\"']\*[\"']|/\^?\.\*\$?/)", re.MULTILINE),
            anyone,
        ),
        Statement("AllowAnyOrigin", re.compile(r"\.AllowAnyOrigin\(\)"), anyone),
    )
    yield from (Hit(hit.span, hit.message, severity=Severity.LOW) for hit in hits_of(file, *statements))


@check(
    TOLD_INTERNALS,
    on=(TextFile,),
    bad=(
        "ini_set('display_errors', 1);\n",
        "config.consider_all_requests_local = true\n",
        "app.UseDeveloperExceptionPage();\n",
    ),
    good=(
        "ini_set('display_errors', 0);\n",
        "config.consider_all_requests_local = false\n",
        "if (env.IsDevelopment())\n    app.UseDeveloperExceptionPage();\n",
    ),
)
def told_internals(file: TextFile, _: TextFile) -> Iterator[Hit]:
    if re.search(r"(?:^|/)(?:development|test|local)\.rb$", file.source.path):
        return
    errors = "Visitors are shown errors in full"
    yield from hits_of(
        file,
        Statement(
            "display_errors",
            re.compile(
                r"ini_set\(\s{0,4}[\"']display_(?:startup_)?errors[\"']\s{0,4},\s{0,4}[\"']?(?:1|true|on)\b",
                re.IGNORECASE,
            ),
            errors,
        ),
        Statement("consider_all_requests_local", re.compile(r"consider_all_requests_local\s{0,8}=\s{0,4}true"), errors),
        Statement(
            "UseDeveloperExceptionPage",
            re.compile(r"(?<!\))\s{0,2}(?:^|;|\{)\s{0,80}app\.UseDeveloperExceptionPage\(\)"),
            errors,
        ),
    )


@check(
    NO_TRANSPORT_SECURITY,
    on=(TextFile,),
    bad=("config.force_ssl = false\n", "source 'http://rubygems.org'\n"),
    good=("source 'https://rubygems.org'\n", "config.force_ssl = true\n", "# config.force_ssl = false\n"),
)
def no_transport_security(file: TextFile, _: TextFile) -> Iterator[Hit]:
    if not re.search(r"(?:^|/)(?:development|test|local)\.rb$", file.source.path):
        yield from hits_of(
            file,
            Statement("force_ssl", re.compile(r"\bforce_ssl\s{0,8}=\s{0,4}false"), "Browsers may come without TLS"),
            Statement(
                "source",
                re.compile(r"^source\s{0,4}\(?\s{0,4}['\"]http://(?!localhost|127\.)", re.MULTILINE),
                "Packages are fetched without TLS",
            ),
        )


CHECKS = (
    csrf_off,
    framing_allowed,
    open_by_default,
    permissive_cors,
    told_internals,
    no_transport_security,
)
