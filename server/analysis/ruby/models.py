"""Ruby, Rails and Sinatra: where strangers' values come from, where they do harm, what makes them harmless."""

from server.analysis.flow.models import (
    ALL_DANGERS,
    RECEIVER,
    Danger,
    Harmless,
    Model,
    Origin,
    Sanitizer,
    Sink,
    Source,
    When,
)
from server.analysis.flow.rules import MASS_ASSIGNMENT, REGEX_FROM_REQUEST, UNSAFE_REFLECTION, XML_BOMB, XPATH_INJECTION
from server.analysis.flow.words import of_each, under
from server.analysis.rules import (
    CODE_FROM_TEXT,
    HTML_FROM_TEXT,
    OPEN_REDIRECT,
    PATH_FROM_REQUEST,
    SHELL_COMMAND,
    SQL_FROM_TEXT,
    TEMPLATE_FROM_TEXT,
    UNSAFE_DESERIALIZATION,
    URL_FROM_REQUEST,
    XML_ENTITIES,
)
from server.reviews.finding import Confidence, Severity

_SQL_WORDS = (
    r"(?i)(?:\b(?:select|insert|update|delete|from|where|i?like|order|and|or|in|between|is|not|exists)\b|=|<|>)"
)

SOURCES: tuple[Model, ...] = (
    Source(("params",), Origin.REQUEST, "a parameter of the request"),
    Source(("cookies",), Origin.REQUEST, "a cookie"),
    Source(
        under("request", "body params query_string headers env path fullpath original_url referer user_agent cookies"),
        Origin.REQUEST,
        "the request",
    ),
    Source(("ARGV",), Origin.ARGUMENT, "the command line"),
    Source(("ENV",), Origin.ENVIRONMENT, "the environment"),
)

SINKS: tuple[Model, ...] = (
    Sink(
        (
            *("*.find_by_sql", "*.count_by_sql", "*.execute", "*.exec_query", "*.select_all", "*.select_rows"),
            *("*.exec", "*.query", "*.exec_params", "*.prepare", "*.find_by_sql", "*.update_all", "*.delete_all"),
            *("*.where", "*.order", "*.group", "*.having", "*.joins", "*.pluck", "*.from", "*.reorder", "*.exists?"),
            *("*.select", "*.find_by", "*.find_by!", "*.rewhere", "*.unscope", "*.calculate", "*.lock"),
            *("*.get_first_value", "*.get_first_row", "*.execute_batch"),
        ),
        Danger.SQL,
        SQL_FROM_TEXT,
        text=_SQL_WORDS,
        severity=Severity.CRITICAL,
    ),
    Sink(
        (
            *("system", "exec", "spawn", "%x", "IO.popen", "Kernel.system", "Kernel.exec", "Kernel.spawn", "PTY.spawn"),
            *under("Open3", "capture2 capture2e capture3 popen2 popen3 pipeline"),
        ),
        Danger.COMMAND,
        SHELL_COMMAND,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("system", "exec", "spawn", *under("Open3", "capture2 capture2e capture3 popen2 popen3")),
        Danger.ARGUMENT,
        SHELL_COMMAND,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        message="chooses the program that runs, or its options",
    ),
    Sink(
        (
            "eval",
            "Kernel.eval",
            "instance_eval",
            "class_eval",
            "*.instance_eval",
            "*.class_eval",
            "*.module_eval",
            "binding.eval",
        ),
        Danger.CODE,
        CODE_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(("send", "public_send", "*.send", "*.public_send", "*.const_get"), Danger.REFLECTION, UNSAFE_REFLECTION),
    Sink(("*.constantize", "*.safe_constantize"), Danger.REFLECTION, UNSAFE_REFLECTION, args=(RECEIVER,)),
    Sink(("sinatra.answer",), Danger.HTML, HTML_FROM_TEXT, text=r"<\s*[a-zA-Z!]"),
    Sink(
        ("*.order", "*.reorder", "*.group", "*.from", "*.select"), Danger.SQL, SQL_FROM_TEXT, confidence=Confidence.LOW
    ),
    Sink(
        ("*.fetch", "*.run", "*.with_sql", "*.execute_ddl"),
        Danger.SQL,
        SQL_FROM_TEXT,
        text=r"(?i)\b(?:select\b.+\bfrom|insert\s+into|delete\s+from|update\b.+\bset|(?:drop|alter|create)\s+table)\b",
        severity=Severity.CRITICAL,
    ),
    Sink(("*.calculate",), Danger.SQL, SQL_FROM_TEXT, args=(1,), confidence=Confidence.LOW),
    Sink(("*.sum", "*.minimum", "*.maximum", "*.average"), Danger.SQL, SQL_FROM_TEXT, confidence=Confidence.LOW),
    Sink(
        ("Sequel.lit", "Arel.sql", "ActiveRecord.Base.connection.execute", "Sequel.literal"),
        Danger.SQL,
        SQL_FROM_TEXT,
        severity=Severity.CRITICAL,
    ),
    Sink(("*.html_safe",), Danger.HTML, HTML_FROM_TEXT, args=(RECEIVER,)),
    Sink(("raw",), Danger.HTML, HTML_FROM_TEXT),
    Sink(("render",), Danger.HTML, HTML_FROM_TEXT, args=("html",)),
    Sink(("render",), Danger.TEMPLATE, TEMPLATE_FROM_TEXT, args=("inline",), severity=Severity.CRITICAL),
    Sink(("erb", "haml", "slim"), Danger.TEMPLATE, TEMPLATE_FROM_TEXT, severity=Severity.CRITICAL),
    Sink(("ERB.new", "ERB", "Liquid::Template.parse"), Danger.TEMPLATE, TEMPLATE_FROM_TEXT, severity=Severity.CRITICAL),
    Sink(("render",), Danger.PATH, PATH_FROM_REQUEST, args=(0, "file", "template", "partial", "action")),
    Sink(("*.xpath", "*.at_xpath"), Danger.XPATH, XPATH_INJECTION),
    Sink(
        (
            *under("File", "open read write readlines new delete rename binread foreach binwrite unlink"),
            *under("FileUtils", "mv mkdir_p touch copy"),
            *under("IO", "read readlines foreach"),
            *("send_file", "*.send_file", "Dir.glob", "Dir.entries", "FileUtils.rm", "FileUtils.rm_rf", "FileUtils.cp"),
            *("File", "Pathname"),
        ),
        Danger.PATH,
        PATH_FROM_REQUEST,
        args=(0, 1),
    ),
    Sink(
        (
            *("URI.open", "open", "HTTP.get", "HTTParty.get", "HTTParty.post", "RestClient.get", "RestClient.post"),
            *of_each(("Net.HTTP",), "get get_response post start"),
            *("Faraday.get", "Faraday.post", "Excon.get", "Typhoeus.get", "Faraday.new", "HTTPX.get", "HTTP.post"),
            *("Down.download", "OpenURI.open_uri", "TCPSocket.new", "TCPSocket"),
        ),
        Danger.URL,
        URL_FROM_REQUEST,
    ),
    Sink(
        ("redirect_to", "redirect"),
        Danger.REDIRECT,
        OPEN_REDIRECT,
        unless=(When(("allow_other_host",), (False,)), When(("only_path",), (True,))),
    ),
    Sink(
        ("Marshal.load", "Marshal.restore", "YAML.load", "YAML.unsafe_load", "Psych.load", "Oj.load", "Oj.object_load"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        severity=Severity.CRITICAL,
    ),
    Sink(
        ("JSON.parse", "JSON.load"),
        Danger.DESERIALIZATION,
        UNSAFE_DESERIALIZATION,
        when=(When(("create_additions",), (True,)),),
    ),
    Sink(("MiniMagick.Image.open", "MiniMagick::Image.open"), Danger.URL, URL_FROM_REQUEST),
    Harmless(("MiniMagick.Image.open", "MiniMagick::Image.open")),
    Sink(("Nokogiri.XML", "*.XML"), Danger.XML, XML_ENTITIES, args=(0,), when=(When(("%block",), (True,)),)),
    Sink(("REXML.Document",), Danger.XML, XML_BOMB),
    Sink(("Regexp", "Regexp.new", "Regexp.compile"), Danger.REGEX, REGEX_FROM_REQUEST),
    Sink(("*.permit!",), Danger.MASS_ASSIGNMENT, MASS_ASSIGNMENT, args=(RECEIVER,)),
)

CLEANERS: tuple[Model, ...] = (
    Harmless(
        (
            *("*.to_i", "*.to_f", "*.to_sym", "*.size", "*.length", "*.count", "*.present?", "*.blank?", "*.nil?"),
            *("*.empty?", "*.include?", "*.hexdigest", "*.authenticate", "Integer", "Float", "*.find_by", "*.find"),
            *("*.where", "*.find_by_sql", "*.execute", "*.save", "*.update", "*.any?", "*.permit"),
        )
    ),
    Sanitizer(
        (
            "h",
            "html_escape",
            "ERB.Util.html_escape",
            "CGI.escapeHTML",
            "sanitize",
            "strip_tags",
            "Rack.Utils.escape_html",
            *("content_tag", "tag", "link_to", "link_to_if", "link_to_unless", "button_to", "mail_to", "image_tag"),
            *("select_tag", "options_for_select", "options_from_collection_for_select", "grouped_options_for_select"),
            *("text_field_tag", "text_area_tag", "hidden_field_tag", "number_field_tag", "password_field_tag"),
            *("check_box_tag", "radio_button_tag", "label_tag", "submit_tag", "button_tag", "safe_join", "truncate"),
        ),
        frozenset({Danger.HTML}),
    ),
    Sanitizer(("Shellwords.escape", "Shellwords.shellescape", "*.shellescape"), frozenset({Danger.COMMAND})),
    Sanitizer(("File.basename",), frozenset({Danger.PATH})),
    Sanitizer(("CGI.escape", "URI.encode_www_form_component", "ERB.Util.url_encode"), ALL_DANGERS - {Danger.RESOURCE}),
    Sanitizer(("*.quote", "*.sanitize_sql_like", "*.sanitize_sql", "*.escape"), frozenset({Danger.SQL})),
    Sanitizer(("Regexp.escape", "Regexp.quote"), frozenset({Danger.REGEX})),
    Harmless(("url_for",)),
    Harmless(("system", "%x", "IO.popen", *under("Open3", "capture2 capture2e capture3"))),
)

MODELS: tuple[Model, ...] = (*SOURCES, *SINKS, *CLEANERS)
