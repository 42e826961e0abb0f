"""WordPress: what visitors and editors choose, and the functions that make it harmless for one place each."""

from server.analysis.flow.models import ALL_DANGERS, Danger, EntryPoint, Harmless, Model, Origin, Sanitizer, Sink
from server.analysis.flow.rules import MASS_ASSIGNMENT
from server.analysis.php.lowering.declarations import SHORTCODE
from server.analysis.rules import HTML_FROM_TEXT
from server.reviews.finding import Severity

_SHOWN = "wordpress.shortcode.result"

MODELS: tuple[Model, ...] = (
    EntryPoint(
        Origin.REQUEST,
        "an attribute of a shortcode",
        decorators=(SHORTCODE,),
        types=((1, ""), (2, "")),
        answers=_SHOWN,
    ),
    Sink((_SHOWN,), Danger.HTML, HTML_FROM_TEXT, within=True, text="<", severity=Severity.MEDIUM),
    Sink(("_e", "wp_die"), Danger.HTML, HTML_FROM_TEXT),
    Sink(
        ("update_option", "add_option", "update_site_option", "delete_option"),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
        message="chooses the option that is written",
    ),
    Sink(
        ("wp_insert_user", "wp_update_user"),
        Danger.MASS_ASSIGNMENT,
        MASS_ASSIGNMENT,
    ),
    Sanitizer(
        (
            *("esc_url", "esc_url_raw", "esc_textarea", "esc_js", "esc_xml", "esc_html__", "esc_attr__", "tag_escape"),
            *("wp_kses", "wp_kses_post", "wp_kses_data", "wp_strip_all_tags", "sanitize_text_field", "sanitize_url"),
            *("sanitize_textarea_field", "sanitize_email", "sanitize_title", "sanitize_user", "wp_json_encode"),
            *("esc_html_e", "esc_attr_e", "filter_var", "ent2ncr"),
        ),
        frozenset({Danger.HTML}),
    ),
    Sanitizer(("sanitize_key", "sanitize_html_class", "sanitize_hex_color", "sanitize_title_with_dashes"), ALL_DANGERS),
    Sanitizer(("sanitize_file_name", "wp_basename", "validate_file"), frozenset({Danger.PATH})),
    Sanitizer(("esc_sql", "like_escape", "*.esc_like", "*.prepare"), frozenset({Danger.SQL})),
    Sanitizer(("sanitize_sql_orderby",), frozenset({Danger.SQL})),
    Sanitizer(("wp_validate_redirect",), frozenset({Danger.REDIRECT})),
    Harmless(("absint", "wp_verify_nonce", "current_user_can", "wp_create_nonce", "get_current_user_id", "wp_hash")),
)
