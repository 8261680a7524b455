"""What templates of the moderators need of the rules' reasons."""

from django import template

from comments import judging

register = template.Library()
register.filter(judging.explain)
register.filter(judging.address_of)
