"""The address of the flood switch, below /admin/comments/flood/."""

from django.urls import path

from comments import flood_page

app_name = "flood"
urlpatterns = [
    # flood:switch
    path("", flood_page.switch, name="switch"),
]
