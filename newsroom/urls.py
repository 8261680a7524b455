"""Addresses: the admin, what operators ask, then comments, then everything that readers browse."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from newsroom import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/comments/flood/", include("comments.flood_urls")),
    path("admin/comments/", include("comments.queue_urls")),
    path("admin/", admin.site.urls),
    path("", include("comments.urls")),
    path("", include("articles.urls")),
    # Whatever else was uploaded; articles answers for its photos.
    re_path(rf"^{settings.MEDIA_URL[1:]}(?P<path>.+)$", views.media, name="media"),
]

handler400 = "newsroom.views.bad_request"
handler403 = "newsroom.views.forbidden"
handler404 = "articles.views.not_found"
handler500 = "newsroom.views.server_error"
