import json
from html.parser import HTMLParser

import nh3
import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from articles import editor, fields
from articles.fields import MAX_LENGTH, MAX_RAW_LENGTH, RichTextFormField, sanitise
from articles.models import Article
from articles.tidy import tidy
from tests import base

UID = "0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90"
SRC = f"/admin/articles/photo/{UID}/file/"
# Longer than what may arrive, and next to nothing once it is sanitised.
TOO_RAW = "<p>a</p>" + "<i></i>" * (MAX_RAW_LENGTH // 7)

HOSTILE = [
    "<script>hit(1)</script>",
    "<scr<script>ipt>hit(1)</scr</script>ipt>",
    "<SCRIPT/x SRC=//evil.example/x.js></SCRIPT>",
    "<script\n>hit(1)</script\n>",
    "</p><script>hit(1)</script>",
    "<img src=x onerror=hit(1)>",
    f'<img src="{SRC}" onerror="hit(1)">',
    f"<img src='{SRC}' alt='\"><script>hit(1)</script>'>",
    f'<img src="{SRC}" alt="`onerror=hit(1)">',
    "<img src='x'onerror='hit(1)'>",
    '<img """><script>hit(1)</script>">',
    "<image href=x onerror=hit(1)>",
    "<p onclick=hit(1) style='background:url(javascript:hit(1))' id=x class=y>t</p>",
    "<p/onclick=hit(1)>t",
    "<svg onload=hit(1)>",
    "<svg><script>hit(1)</script></svg>",
    "<svg><a xlink:href='javascript:hit(1)'><text>t</text></a></svg>",
    "<svg><style><img src=x onerror=hit(1)></style></svg>",
    "<svg><animate onbegin=hit(1) attributeName=x dur=1s>",
    "<svg></p><style><a id='</style><img src=x onerror=hit(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=hit(1)&gt;'>",
    "<math><mi//xlink:href='javascript:hit(1)'>t</mi></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=hit(1)>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=hit(1)></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=hit(1)>'>",
    "<noembed><img title='</noembed><img src=x onerror=hit(1)>'></noembed>",
    "<template><img src=x onerror=hit(1)></template>",
    "<textarea><img title='</textarea><img src=x onerror=hit(1)>'>",
    "<title><img title='</title><img src=x onerror=hit(1)>'>",
    "<xmp><p title='</xmp><img src=x onerror=hit(1)>'>",
    "<plaintext><img src=x onerror=hit(1)>",
    "<select><template><style><!--</style><a rel='--></style></template></select><img src=x onerror=hit(1)>'>",
    "<table><caption><svg><style><td title='</style><img src=x onerror=hit(1)>'>",
    "<a href='javascript:hit(1)'>t</a>",
    "<a href='JaVaScRiPt:hit(1)'>t</a>",
    "<a href='&#106;avascript:hit(1)'>t</a>",
    "<a href='&#x6A;avascript&colon;hit(1)'>t</a>",
    "<a href='java\tscript:hit(1)'>t</a>",
    "<a href='java&Tab;script&colon;hit(1)'>t</a>",
    "<a href=' \x01javascript:hit(1)'>t</a>",
    "<a href='javascript&#x00003A;hit(1)'>t</a>",
    "<a href='data:text/html,<script>hit(1)</script>'>t</a>",
    "<a href='vbscript:hit(1)'>t</a>",
    "<a href='//evil.example/'>t</a>",
    "<a href='/\\evil.example/'>t</a>",
    "<a href='/\t/evil.example/'>t</a>",
    "<a href='\\\\evil.example/'>t</a>",
    "<a href='https:evil.example'>t</a>",
    "<a href='view-source:https://evil.example'>t</a>",
    "<a href='https://a.example/\"onmouseover=hit(1) x=\"'>t</a>",
    "<a href=https://a.example/ target=_blank rel=opener ping=https://evil.example/ download>t</a>",
    "<iframe src='javascript:hit(1)'></iframe>",
    "<iframe srcdoc='<script>hit(1)</script>'></iframe>",
    "<object data='javascript:hit(1)'><embed src='javascript:hit(1)'></object>",
    "<meta http-equiv=refresh content='0;url=javascript:hit(1)'><base href='//evil.example/'>",
    "<link rel=stylesheet href='//evil.example/x.css'><style>@import '//evil.example/x.css'</style>",
    "<form action='javascript:hit(1)'><input type=submit formaction='javascript:hit(1)'></form>",
    "<isindex type=image src=1 onerror=hit(1)>",
    "<details open ontoggle=hit(1)>t</details>",
    "<video><source onerror=hit(1)></video><audio src=x onerror=hit(1)>",
    "<marquee onstart=hit(1)>t</marquee>",
    "<body onload=hit(1)><frameset onload=hit(1)>",
    "<input autofocus onfocus=hit(1)><keygen autofocus onfocus=hit(1)>",
    "<!--><img src=x onerror=hit(1)>-->",
    "<!-- --!><img src=x onerror=hit(1)> -->",
    "<![CDATA[<img src=x onerror=hit(1)>]]>",
    "<!DOCTYPE x [<!ENTITY x 'hit'>]>&x;",
    "<?xml-stylesheet href='javascript:hit(1)'?><x onclick=hit(1)>",
    "<custom-element onclick=hit(1) is=x>t</custom-element>",
    "<p lang='\"><img src=x onerror=hit(1)>'>t</p>",
    "<ol start='1\" onclick=\"hit(1)'><li>t</ol>",
    "<td colspan='99999999999'>t</td><table><td rowspan=-1 colspan=1e9>t</table>",
    "<figure class='image\" onclick=hit(1)'><img src=x></figure>",
    "<pre>\n\n<script>hit(1)</script></pre>",
    "<b><i><a href='javascript:hit(1)'><table><td><script>hit(1)",
    "＜script＞hit(1)＜/script＞",
    "&lt;script&gt;hit(1)&lt;/script&gt;",
    "{{ 7|add:7 }}{% debug %}",
]


class Auditor(HTMLParser):
    """Reads HTML with another parser than ours and notes what the allowlist does not know."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.wrong = []

    def handle_starttag(self, tag, attrs):
        known = editor.ALLOWED.get(tag)
        if known is None:
            self.wrong.append(tag)
            return
        for name, value in attrs:
            if name not in known or known[name](value or "") != value:
                self.wrong.append((tag, name, value))

    def handle_comment(self, data):
        self.wrong.append(("comment", data))

    def handle_decl(self, decl):
        self.wrong.append(("declaration", decl))


def audit(body):
    auditor = Auditor()
    auditor.feed(body)
    auditor.close()
    return auditor.wrong


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_foreign_survives(source):
    for given in (source, f"<p>{source}</p>", f"<table><tr><td>{source}", f"<pre>{source}", source * 3):
        body = sanitise(given)
        assert audit(body) == []
        assert sanitise(body) == body


@pytest.mark.parametrize("clean", [tidy, fields._CLEANER.clean], ids=["tidy alone", "nh3 alone"])
def test_each_of_the_two_steps_holds_by_itself(clean):
    assert [source for source in HOSTILE if audit(clean(source))] == []


@pytest.mark.parametrize(
    "href",
    [
        *("javascript:hit(1)", "JaVaScRiPt:hit(1)", "&#106;avascript&colon;hit(1)", "java&Tab;script:hit(1)"),
        *(" &#1;javascript:hit(1)", "data:text/html,hit", "vbscript:hit(1)", "blob:x", "file:///etc/passwd"),
    ],
)
def test_nh3_refuses_a_scheme_that_our_own_check_lets_through(monkeypatch, href):
    monkeypatch.setitem(editor.ALLOWED["a"], "href", lambda value: value)
    assert fields._CLEANER.clean(f'<a href="{href}">t</a>') == "<a>t</a>"


def test_markup_that_is_text_stays_text():
    assert sanitise("&lt;script&gt;hit(1)&lt;/script&gt;") == "<p>&lt;script&gt;hit(1)&lt;/script&gt;</p>"
    assert sanitise("{{ 7|add:7 }}{% debug %}") == "<p>{{ 7|add:7 }}{% debug %}</p>"


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("HTTP://A.example", "HTTP://A.example"),
        ("mailto:desk@a.example", "mailto:desk@a.example"),
        ("/fr/2025/07/11/le-bac/", "/fr/2025/07/11/le-bac/"),
        (" https://a.example/a b\n", "https://a.example/a%20b"),
        ("https://bücher.example/ä", "https://bücher.example/ä"),
        ("", None),
        ("#top", None),
        ("relative/path", None),
        ("//a.example/", None),
        ("/\\a.example/", None),
        ("http://", None),
        ("http://[", None),
        ("https:/a.example", None),
        ("mailto:", None),
        ("javascript:x", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("https://a.example/" + "x" * 2_000, None),
    ],
)
def test_links_lead_to_the_web_to_a_mailbox_or_into_this_site(href, kept):
    assert editor.check_href(href) == kept
    if kept:
        assert editor.check_href(kept) == kept


def test_every_button_writes_only_what_the_allowlist_lets_through():
    buttons = [button for group in editor.TOOLBAR for button in group]
    assert sorted(buttons) == sorted(editor.BUTTONS)
    assert {tag for tags in editor.BUTTONS.values() for tag in tags} <= editor.ALLOWED_TAGS


def test_the_editor_knows_the_whole_allowlist():
    config = editor.CKEDITOR_CONFIGS["default"]
    assert set(config["allowedContent"]) == editor.ALLOWED_TAGS
    assert set(config["format_tags"].split(";")) <= editor.ALLOWED_TAGS
    assert json.loads(json.dumps(config)) == config
    assert config["disableNativeSpellChecker"] is False


def test_every_allowed_tag_and_attribute_survives():
    samples = {"lang": "de", "dir": "rtl", "href": "/x", "src": SRC, "alt": "a", "class": "image align-left"}
    samples |= {"start": "3", "colspan": "2", "rowspan": "2", "scope": "col"}
    for tag, attributes in editor.ALLOWED.items():
        for name, check in attributes.items():
            assert check(samples[name]) == samples[name], (tag, name)


class BodyForm(forms.Form):
    body = RichTextFormField(required=False)
    text = RichTextFormField(max_length=20)


def test_a_form_gives_back_sanitised_bodies():
    form = BodyForm({"body": "<div>a<script>b</script>", "text": "<h1>c"})
    assert form.is_valid()
    assert form.cleaned_data == {"body": "<p>a</p>", "text": "<h2>c</h2>"}


def test_a_form_says_what_is_missing_or_too_long():
    form = BodyForm({"body": "", "text": "<p>&nbsp;</p>"})
    assert form.errors == {"text": ["This field is required."]}
    form = BodyForm({"body": TOO_RAW, "text": "<p>fifteen letters</p>"})
    assert form.errors["body"].as_data()[0].code == "max_length"
    assert form.errors["text"].as_data()[0].code == "max_length"


def test_a_body_that_was_only_reindented_has_not_changed():
    field = RichTextFormField()
    assert not field.has_changed("<p>a</p>\n<p>b</p>", "<p>a</p>\r\n\r\n<p>b</p>\r\n")
    assert not field.has_changed("", None)
    assert field.has_changed("<p>a</p>", "<p>b</p>")


def test_the_editor_appears_also_where_no_language_is_active():
    with translation.override(None):
        page = str(BodyForm()["body"])
    assert "ckeditortype" in page
    assert "&quot;language&quot;: &quot;en" in page


def test_without_scripts_the_editor_is_a_text_area_with_the_escaped_body():
    page = str(BodyForm({"body": '<p title="x">a</p></textarea><script>b</script>'})["body"])
    assert page.count("<textarea") == 1
    assert page.count("</textarea>") == 1
    assert "<script>" not in page


def test_every_way_into_the_database_is_sanitised(db):
    article = base.draft()
    article.body = "<div>a<script>b</script>"
    article.save()
    assert article.body == "<p>a</p>"

    def stored():
        return Article.objects.values_list("body", flat=True).get(pk=article.pk)

    assert stored() == "<p>a</p>"
    Article.objects.filter(pk=article.pk).update(body="<i onclick=x>c")
    assert stored() == "<p><em>c</em></p>"
    article.body = "<h1>d</h1>"
    Article.objects.bulk_update([article], ["body"])
    assert stored() == "<h2>d</h2>"
    field = Article._meta.get_field("body")
    assert field.clean("<b>e</b>", article) == "<p><strong>e</strong></p>"


def test_a_body_too_long_is_refused_by_the_field(db):
    field = Article._meta.get_field("body")
    with pytest.raises(ValidationError):
        field.to_python("<p>" + "x" * MAX_LENGTH)
    with pytest.raises(ValidationError):
        field.to_python(TOO_RAW)
    article = base.draft()
    with pytest.raises(ValidationError):
        article.save_revision(by=None, body=TOO_RAW)
    assert article.revisions.count() == 1
    with pytest.raises(ValidationError):
        Article.objects.update(body=TOO_RAW)
    article.body = TOO_RAW
    with pytest.raises(ValidationError):
        article.save()


def test_nh3_has_the_last_word(monkeypatch):
    monkeypatch.setattr(fields, "tidy", lambda source: source)
    assert sanitise("<p onclick=x>a<script>only once</script></p>") == "<p>a</p>"
    assert nh3.is_html(sanitise("<p>a</p>"))
