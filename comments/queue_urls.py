"""Addresses of the moderators' queue, below /admin/comments/queue/."""

from django.urls import path

from comments import moderation

app_name = "queue"
urlpatterns = [
    # queue:list, queue:comment, queue:reply
    path("", moderation.queue, name="list"),
    path("<int:pk>/", moderation.comment, name="comment"),
    path("<int:pk>/reply/", moderation.reply, name="reply"),
    # queue:approve, queue:reject, queue:spam, queue:remove, queue:restore
    *(
        path(f"<int:pk>/{action.value}/", moderation.decide, {"action": action.value}, name=action.value)
        for action in moderation.BUTTONS
    ),
]
