"""Values that need no escaping, told by how they are written: helpers' own markup, numbers, translations, encoders.

Data, and what asks it.
"""

import re

from server.analysis.templates.expressions import Value

_ENCODERS = frozenset(
    (
        *(
            "e",
            "escape",
            "forceescape",
            "force_escape",
            "escapejs",
            "tojson",
            "json",
            "json_encode",
            "to_json",
            "jsonify",
        ),
        *("json_script", "dump", "urlencode", "url_encode", "escape_once", "escape_javascript", "j", "h", "u", "x"),
        *("int", "float", "length", "count", "date", "time", "floatformat", "filesizeformat", "intcomma", "pluralize"),
        *(
            "yesno",
            "round",
            "abs",
            "sum",
            "timesince",
            "timeuntil",
            "naturaltime",
            "number_format",
            "slugify",
            "wordcount",
        ),
        *("clean_html", "bleach", "sanitize", "sanitize_html", "nh3", "purify", "striptags_safe", "trans", "translate"),
        *(
            "t",
            "localize",
            "timeago",
            "datetime",
            "format_date",
            "url",
            "asset",
            "static",
            "linebreaks",
            "linebreaksbr",
        ),
        *("divisibleby", "tobool", "bool", "crispy", "as_crispy_form", "as_crispy_field", "add_class", "render_field"),
    )
)

_ENCODING_WORD = re.compile(r"saniti[sz]|escape|clean|purify|encode|json", re.IGNORECASE)

_OWN_MARKUP = re.compile(
    r"^(?:form|forms|field|formset|widget|csrf\w*|media|pagina\w*|pager|block|super|caller|self|loop|config|settings"
    r"|g|i18n|lang|yield|content_for\w*|svg\w*|icon\w*|\w*_icon|\w*_svg|\w*_form|help_text|helptext|body|layout|css|js|scripts?"
    r"|styles?|stylesheets?|toc|analytics|head|footer|header|children|slot|__|livereload\w*|vite\w*|meta|nonce|csp\w*"
    r"|errors?)$",
    re.IGNORECASE,
)
"""Roots of paths that frameworks and generators fill with markup of their own."""

_OWN_PROPERTY = re.compile(
    r"(?:\.|->)(?:media|as_p|as_table|as_ul|as_div|help_text|label_tag|errors|csrf_token|hidden_tag|super|svg|icon|to_html|html_attrs"
    r"|script|css|js|get_absolute_url|links|url|id|pk|count|size|length|total|number)(?:\(\))?$",
    re.IGNORECASE,
)

_HELPER_CALL = re.compile(
    r"^(?:_|__|t|tr|trans|translate|gettext|ngettext|i18n(?:\.t)?|url_for|url|path|asset\w*|static|field|route|[cx]srf\w*|include|partial"
    r"|render\w*|block|super|caller|self\.\w+|yield|content_for|form_\w+|simple_form_for|link_to|button_to|image_tag|safe_join"
    r"|javascript_\w+|stylesheet_\w+|csp_\w+|turbo\w*|icon\w*|svg\w*|inline_svg\w*|Time|Date|get_flashed_messages|method_field"
    r"|old|config|app|env|view|paginate|will_paginate|pagy\w*|sanitize\w*|simple_format|auto_link|strip_tags|h|escape\w*"
    r"|j|json\w*|JSON\.stringify|raw_json|DOMPurify\.sanitize|purify\w*|he\.encode|encodeURI\w*|bleach\.\w+|e|nl2br\(e|Js::from|@json"
    r"|number\w*|count|len|length|int|float|round|min|max|parseInt|parseFloat|Number|moment|dayjs|date|format\w*|toc|css|js"
    r"|style\w*|script\w*|vite\w*|webpack\w*|mix|head|body|content|markdown_safe|macro\w*|tag\.\w+|capture)\s*(?:\(|\s|$|\.)"
)

_DRAWN = re.compile(r"\.(?:render|draw|as_)\w*\(|\binjected_\w+")
"""Objects that draw themselves."""

_INLINED = re.compile(r"\w+\(\s?(?P<quote>['\"])[\w./-]{1,200}\.(?:svg|css|js|html?|txt|md)(?P=quote)\s?\)")
"""A file of the program that a helper puts into the page: `static_include("images/plus.svg")`."""

_CONSTANT = re.compile(r"(?:'[^'\\]*'|\"[^\"\\]*\"|-?[\d.]+|true|false|none|null|nil|True|False|None)")

_NUMBER_NAME = re.compile(
    r"(?:^|[._])(?:id|pk|uuid|num|number|count|total|index|idx|page|pages|size|length|width|height|year|month|day|hour|minute|lat|lng"
    r"|lon|latitude|longitude|price|amount|quantity|qty|score|rating|percent\w*|progress|limit|offset|max|min|step|level|version|"
    r"rows?|cols?|columns?|timestamp|time|date|port|status|state|type|mode|token|csrf\w*|nonce|color|theme|lang|locale|slug|hash"
    r"|counter0?|forloop\.\w+|loop\.\w+|is_\w+|has_\w+|can_\w+|show_\w+|enable\w*|enabled|disabled|active|debug|\w+_id|\w+_ids|"
    r"\w+_pk|\w+_count|\w+_url|\w+_path|url|href|src|path|json|data|\w*_json|\w*_data|\w+Id|\w+Count|\w+Url|\w+Json|config|settings"
    r"|options|constants|env|key|\w+_key|first|last|code)$",
    re.IGNORECASE,
)

_MARKUP_NAME = re.compile(r"(?:_html|html|rendered|_markup|sanitized|cleaned)$", re.IGNORECASE)

_WORDS = re.compile(
    r"(?:^|[._])(?:q|query|search|term|keyword|keywords|name|username|user_name|title|subject|message|msg|comment|comments|text|body|"
    r"content|bio|about|description|desc|note|notes|nick|nickname|email|address|city|input|next|redirect|return_url|ref|referrer|"
    r"error|reason|label|tag|caption|filename|file_name|first_name|last_name|firstname|lastname|fullname|full_name|display_name|"
    r"review|post|reply|feedback|answer|question|signature|website|homepage)$",
    re.IGNORECASE,
)


def is_encoded(value: Value) -> bool:
    """Whether a filter makes it harmless, or makes it a number."""
    return any(name in _ENCODERS or _ENCODING_WORD.search(name) for name in value.filters)


def is_own_markup(value: Value) -> bool:
    """Whether the value is written by the program's authors, as far as its name tells."""
    expression = value.expression.lstrip("@$").strip()
    if not expression or _CONSTANT.fullmatch(expression) or _HELPER_CALL.match(expression):
        return True
    if _DRAWN.search(expression) or _INLINED.fullmatch(expression):
        return True
    if "(" in expression and _ENCODING_WORD.search(expression.partition("(")[0]):
        return True
    return bool(_OWN_MARKUP.match(value.root or expression)) or bool(_OWN_PROPERTY.search(expression))


def is_number(value: Value) -> bool:
    """Whether its name says number, identifier, flag or address: text of strangers is called otherwise."""
    return bool(_NUMBER_NAME.search(value.path))


def is_markup(value: Value) -> bool:
    """Whether its name says that it was made to be markup: `body_html`, in a project that cleans such."""
    return bool(_MARKUP_NAME.search(value.path))


def is_words(value: Value) -> bool:
    """Whether its name says that people wrote it."""
    return bool(_WORDS.search(value.path))
