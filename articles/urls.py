"""Addresses that readers browse."""

app_name = "articles"
urlpatterns: list = []
