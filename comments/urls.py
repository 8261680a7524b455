"""Addresses of comments that readers use. `<path>` is the path of an article, current or old."""

from django.urls import path, re_path

from comments import mailed, own, reports, views
from comments.feeds import CommentFeed

# An article's own shape only: a tag, a section or a page may well be called "comments".
ARTICLE = r"^(?P<path>[a-z]{2,3}(?:-[a-z0-9]{2,8})?/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^/\x00]+/)"
# No more digits than a database's id has.
ID = r"(?P<pk>[1-9][0-9]{0,17})"
NUMBER = r"(?P<number>[1-9][0-9]{0,5})"

app_name = "comments"
urlpatterns = [
    # comments:thread, comments:page, comments:reply
    re_path(ARTICLE + r"comments/$", views.thread, name="thread"),
    re_path(ARTICLE + rf"comments/{NUMBER}/$", views.page, name="page"),
    # comments:newest, comments:newest-page, comments:long-thread, comments:long-thread-page
    re_path(ARTICLE + r"comments/newest/$", views.newest, name="newest"),
    re_path(ARTICLE + rf"comments/newest/{NUMBER}/$", views.newest, name="newest-page"),
    re_path(ARTICLE + rf"comments/thread/{ID}/$", views.long_thread, name="long-thread"),
    re_path(ARTICLE + rf"comments/thread/{ID}/{NUMBER}/$", views.long_thread, name="long-thread-page"),
    re_path(ARTICLE + rf"comments/reply/{ID}/$", views.reply, name="reply"),
    # comments:feed
    re_path(ARTICLE + r"comments\.xml$", CommentFeed(), name="feed"),
    # comments:permalink, comments:report
    re_path(rf"^comments/{ID}/$", views.permalink, name="permalink"),
    re_path(rf"^comments/{ID}/report/$", reports.report, name="report"),
    # comments:own, comments:edit, comments:delete
    path("comments/own/<token>/", own.own, name="own"),
    path("comments/own/<token>/edit/", own.edit, name="edit"),
    path("comments/own/<token>/delete/", own.delete, name="delete"),
    # comments:as, comments:confirm, comments:unsubscribe
    path("comments/as/<token>/", views.write, name="as"),
    path("comments/confirm/<token>/", mailed.confirm, name="confirm"),
    path("comments/unsubscribe/<token>/", mailed.unsubscribe, name="unsubscribe"),
]
