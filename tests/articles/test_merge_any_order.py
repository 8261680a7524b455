"""Whoever opens, edits, saves and merges in whatever order: no sentence is lost unseen (Hypothesis, real model)."""

import re
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from articles import merge as merging
from articles.admin.merging import version_of
from articles.merge import Collision, Merge, Version
from articles.models import Article, Revision, StaleRevision, Tag
from tests import base
from tests.articles.test_blocks import sentence

pytestmark = pytest.mark.django_db

WHO = st.integers(0, 2)
PLACE = st.integers(0, 20)
FIELDS = ("kicker", "headline", "standfirst")
# A sentence of somebody, to be found again wherever it stands.
MARK = re.compile(r"mark\d+")


def marks(version: Version) -> set[str]:
    """Return the sentences in a version, and its tags as `tag…`."""
    found = set(MARK.findall(version.body))
    found |= {mark for value in version.fields.values() for mark in MARK.findall(str(value or ""))}
    return found | {f"tag{key[1]}" for key, _value in version.lists["tags"]}


def marks_of(value: Any) -> set[str]:
    return set(MARK.findall(str(value or "")))


class Newsroom(RuleBasedStateMachine):
    """Three people at one article. Each has a form open: blocks, fields, tags, and the number that it began from."""

    people = 3

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.article = base.draft(body="\n".join(sentence(seed) for seed in range(3)), kicker="mark0")
        self.written = 0
        # What somebody wrote and saved, and what somebody gave up who saw it.
        self.saved: set[str] = {"mark0"}
        self.given_up: set[str] = set()
        self.forms: list[dict[str, Any]] = [self.opened() for _ in range(self.people)]

    def teardown(self) -> None:
        try:
            self.check()
        finally:
            # Also where the check fails: else the tests that follow would stand in this transaction.
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)

    def newest(self) -> Revision:
        return Article.objects.get(pk=self.article.pk).newest_revision()

    def opened(self) -> dict[str, Any]:
        revision = self.newest()
        return {
            "base": revision.number,
            "blocks": revision.body.split("\n") if revision.body else [],
            "fields": {name: getattr(revision, name) for name in FIELDS},
            "tags": list(revision.tags),
            "seen": marks(version_of(revision)),
        }

    def form(self, who: int) -> dict[str, Any]:
        return self.forms[who % self.people]

    def mark(self) -> str:
        self.written += 1
        return f"mark{self.written}"

    # What people do

    @rule(who=WHO)
    def open(self, who):
        self.forms[who % self.people] = self.opened()

    @rule(who=WHO, place=PLACE, seed=st.integers(10, 13))
    def add(self, who, place, seed):
        blocks = self.form(who)["blocks"]
        blocks.insert(place % (len(blocks) + 1), sentence(seed).replace(".</p>", f" {self.mark()}.</p>"))

    @rule(who=WHO, place=PLACE)
    def repeat(self, who, place):
        blocks = self.form(who)["blocks"]
        if blocks and len(blocks) < 12:
            blocks.append(blocks[place % len(blocks)])

    @rule(who=WHO, place=PLACE, whole=st.booleans())
    def change(self, who, place, whole):
        blocks = self.form(who)["blocks"]
        if blocks:
            at = place % len(blocks)
            block = sentence(self.written + 1000) if whole else blocks[at]
            blocks[at] = block.replace(".</p>", f" {self.mark()}.</p>")

    @rule(who=WHO, place=PLACE)
    def delete(self, who, place):
        blocks = self.form(who)["blocks"]
        if blocks:
            del blocks[place % len(blocks)]

    @rule(who=WHO, place=PLACE, to=PLACE)
    def move(self, who, place, to):
        blocks = self.form(who)["blocks"]
        if blocks:
            block = blocks.pop(place % len(blocks))
            blocks.insert(to % (len(blocks) + 1), block)

    @rule(who=WHO, name=st.sampled_from(FIELDS), emptied=st.booleans())
    def change_field(self, who, name, emptied):
        fields = self.form(who)["fields"]
        fields[name] = "" if emptied and name != "headline" else self.mark()

    @rule(who=WHO, number=st.integers(0, 4))
    def toggle_tag(self, who, number):
        tags, pk = self.form(who)["tags"], Tag.named(f"Tag {number}", "en").pk
        if pk in tags:
            tags.remove(pk)
        else:
            tags.append(pk)

    @rule(who=WHO, decisions=st.lists(st.sampled_from(["mine", "theirs", "both"]), min_size=1, max_size=4))
    def save(self, who, decisions):
        form = self.form(who)
        began = version_of(self.article.revisions.get(number=form["base"]))
        # What this form has no field for stays as it was when it was opened.
        mine = Version(
            body="\n".join(form["blocks"]),
            fields=began.fields | form["fields"],
            lists=began.lists | {"tags": [(("id", pk), True) for pk in form["tags"]]},
        )
        wrote = marks(mine)
        # What stood in this form when it was opened, and is not sent, was taken out by somebody who saw it.
        removed = form["seen"] - wrote
        try:
            self.put(mine, form["base"])
        except StaleRevision as refused:
            result = merging.merge(began, version_of(refused.newest), mine)
            choices = {}
            for number, collision in enumerate(result.collisions):
                choice = decisions[number % len(decisions)]
                choice = choice if choice in collision.choices else "mine"
                choices[collision.name] = choice
                self.decide(collision, choice)
            self.put(result.settled(choices), refused.newest.number)
        self.saved |= wrote
        self.given_up |= removed
        self.check()
        self.forms[who % self.people] = self.opened()

    def decide(self, collision: Collision, choice: str) -> None:
        shown = marks_of(collision.mine) | marks_of(collision.theirs)
        self.given_up |= shown - marks_of(collision.settled(choice))

    def put(self, version: Version, number: int) -> None:
        tags = Tag.objects.in_bulk([key[1] for key, _value in version.lists["tags"]])
        self.article.save_revision(
            by=None,
            base=number,
            body=version.body,
            tags=[tags[key[1]] for key, _value in version.lists["tags"]],
            **{name: version.fields[name] for name in FIELDS},
        )

    def check(self) -> None:
        lost = self.saved - self.given_up - marks(version_of(self.newest()))
        assert not lost, lost


class TwoPeople(Newsroom):
    people = 2


def run(machine: type[Newsroom], examples: int, **more: Any) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


@pytest.mark.postgresql_later
@pytest.mark.long
@pytest.mark.parametrize("machine", [TwoPeople, Newsroom])
def test_no_sentence_is_lost_in_whatever_order_people_save(
    machine: type[Newsroom], full_length: bool
) -> None:
    run(machine, 200 if full_length else 20)


def mine_wins(base: Version | None, theirs: Version, mine: Version) -> Merge:
    """Merge as the form did before: what was typed overwrites what the other saved."""
    return Merge(mine.fields, mine.lists, [mine.body], [])


def test_that_finds_a_merge_that_loses_something() -> None:
    with mock.patch.object(merging, "merge", mine_wins), pytest.raises(AssertionError):
        run(TwoPeople, 200, phases=[Phase.generate], report_multiple_bugs=False)
