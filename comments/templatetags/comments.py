"""How the page of an article shows its comments without knowing them."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from articles.house import house_pages
from articles.models import Article
from articles.models import Page as StaticPage
from comments import addresses, reading
from comments.forms import CommentForm
from comments.models import MAX_TEXT, Comment, Commenter
from newsroom import dates, pages
from newsroom.plaintext import as_html

register = template.Library()

# What every template of ours needs from the page that it stands on.
AROUND = ("request", "site", "language")


register.filter("comment_feed", addresses.feed_url)


@register.inclusion_tag("comments/_thread.html", takes_context=True)
def comment_thread(
    context: template.Context, article: Article, thread: reading.ThreadPage | None = None
) -> dict[str, Any]:
    """Show everything below an article: number, a page of comments (the first unless given), the form."""
    commenting = article.commenting(context["site"])
    # Form and closing note change by themselves when comments close, or a flood switch ends.
    keys = [*article.page_keys(), f"section-{article.section_id}"]
    pages.show(context["request"], *keys, until=commenting.changes_at)
    is_open = article.is_visible() and commenting.is_open
    return {
        **{name: context[name] for name in AROUND},
        "article": article,
        "thread": thread or reading.read(article),
        "number": dates.format_number(article.comment_count, article.language),
        "is_open": is_open,
        "opens_at": commenting.opens_at,
        "is_shown": is_open or article.comment_count > 0,
    }


@register.inclusion_tag("comments/_form.html", takes_context=True)
def comment_form(
    context: template.Context,
    article: Article,
    form: CommentForm | None = None,
    parent: Comment | None = None,
    writer: Commenter | None = None,
    heading: str = "h3",
) -> dict[str, Any]:
    """Show the form for a comment, or for an answer to one, with the pages that say what goes.

    `writer` is somebody whose address is confirmed by the address of the page; `heading` is the element of the form's
    title: what stands around it decides.
    """
    site = context["site"]
    commenting = article.commenting(site)
    token = context["request"].resolver_match.kwargs.get("token", "") if writer else ""
    house = house_pages(context["request"], article.language)
    rules, privacy = (
        house.get(purpose) for purpose in (StaticPage.Purpose.COMMENT_RULES, StaticPage.Purpose.PRIVACY)
    )
    return {
        **{name: context[name] for name in AROUND},
        "form": form or CommentForm(needs_email=site.comments_need_email),
        "action": addresses.form_url(article, parent, writer, token),
        "writer": writer,
        "mode": commenting.mode,
        "is_slow": commenting.is_slow,
        "heading": heading,
        "is_answer": parent is not None,
        "rules_url": rules and rules.get_absolute_url(),
        "privacy_url": privacy and privacy.get_absolute_url(),
    }


@register.filter
def as_paragraphs(text: str) -> SafeString:
    """Return plain text as paragraphs with links; bounded also where an import let more through."""
    return as_html(text[:MAX_TEXT])


@register.simple_tag
def long_thread_url(article: Article, pk: int) -> str:
    """Return where a long thread goes on."""
    return addresses.thread_page_url(article, pk, 1)


@register.simple_tag
def reply_url(article: Article, comment: Comment) -> str:
    """Return where a comment is answered."""
    return addresses.reply_url(article, comment)
