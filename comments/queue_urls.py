"""Addresses of the moderators' queue and of its numbers, below /admin/comments/."""

from django.urls import path

from comments.queue import banning, deciding, numbers, pages

app_name = "queue"
urlpatterns = [
    path("numbers/", numbers.numbers, name="numbers"),
    path("queue/", pages.queue, name="list"),
    path("queue/<int:pk>/", pages.comment, name="comment"),
    path("queue/<int:pk>/reply/", deciding.reply, name="reply"),
    path("queue/<int:pk>/ban/", banning.ban, name="ban"),
    # The number is a step's here.
    path("queue/undo/<int:pk>/", deciding.undo, name="undo"),
    # queue:approve, queue:reject, queue:spam, queue:remove, queue:restore, queue:keep; the same for chosen ones
    *(
        path(f"queue/<int:pk>/{action.value}/", deciding.decide, {"action": action.value}, name=action.value)
        for action in deciding.BUTTONS
    ),
    *(
        path(
            f"queue/chosen/{action.value}/",
            deciding.decide_chosen,
            {"action": action.value},
            name=f"chosen-{action.value}",
        )
        for action in deciding.BUTTONS
    ),
]
