"""Addresses of comments that readers use. `<path>` is the path of an article, current or old."""

from django.urls import path, re_path

from comments import views
from comments.feeds import CommentFeed

# An article's own shape only: a tag, a section or a page may well be called "comments".
ARTICLE = r"^(?P<path>[a-z]{2,3}(?:-[a-z0-9]{2,8})?/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^/\x00]+/)"
# No more digits than a database's id has.
ID = r"(?P<pk>[1-9][0-9]{0,17})"

app_name = "comments"
urlpatterns = [
    # comments:thread, comments:page, comments:reply
    re_path(ARTICLE + r"comments/$", views.thread, name="thread"),
    re_path(ARTICLE + r"comments/(?P<number>[1-9][0-9]{0,5})/$", views.page, name="page"),
    re_path(ARTICLE + rf"comments/reply/{ID}/$", views.reply, name="reply"),
    # comments:feed
    re_path(ARTICLE + r"comments\.xml$", CommentFeed(), name="feed"),
    # comments:permalink, comments:own
    re_path(rf"^comments/{ID}/$", views.permalink, name="permalink"),
    path("comments/own/<token>/", views.own, name="own"),
]
