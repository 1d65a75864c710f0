"""The drawing: well-formed, harmless whatever a label says, whole in words, and wide as its numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template

from bot.bootstrap import Bot
from bot.records.funnel import STAGES, Funnel, QuestionCount
from tests.funnel.made_up import LABELS, made_up
from tests.funnel.sums import holds
from tests.phone import Phone
from webhooks.app import create_app
from webhooks.console import chart
from webhooks.console.funnel import shown_funnel

SVG = "{http://www.w3.org/2000/svg}"


def drawn(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def widths(svg: ElementTree.Element) -> list[float]:
    """Of every part of a bar, in percent."""
    parts = [one for one in svg.iter(f"{SVG}rect") if (one.get("class") or "").startswith("part-")]
    return [float((one.get("width") or "").rstrip("%")) for one in parts]


def test_the_made_up_funnel_sums() -> None:
    holds(made_up())


def test_a_chart_is_named_described_and_has_every_stage() -> None:
    svg = drawn(chart.stages_chart(made_up().stages, "s"))
    assert ("img", "s-title s-says") == (svg.get("role"), svg.get("aria-labelledby"))
    says = svg.findtext(f"{SVG}desc") or ""
    for stage in made_up().stages:
        assert f"{chart.STAGE_NAMES[stage.key]}: {stage.entered:,}" in says


def test_the_parts_of_the_first_stage_fill_the_whole_width() -> None:
    stages = made_up().stages
    first, *_ = stages
    got = widths(drawn(chart.stages_chart(stages, "s")))[:3]
    assert got == pytest.approx(
        [100 * n / first.entered for n in (first.went_on, first.still_here, first.stopped)], abs=0.001
    )
    assert sum(got) == pytest.approx(100, abs=0.01)


def test_nothing_depends_on_color() -> None:
    """Who stopped and who is still here have textures of their own."""
    svg = chart.stages_chart(made_up().stages, "s")
    assert svg.count("url(#texture-stopped)") == svg.count('class="part-stopped"') > 0
    assert svg.count("url(#texture-still)") == svg.count('class="part-still"') > 0
    assert {"texture-stopped", "texture-still", "texture-elsewhere"} == set(
        re.findall(r'id="([\w-]+)"', chart.textures())
    )


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, "0%"), (0, 9, "0%"), (9, 9, "100%"), (1, 1000, "under 1%"), (999, 1000, "99%"), (1, 3, "33%")],
)
def test_a_percent_promises_no_more_than_there_is(part: int, whole: int, told: str) -> None:
    assert told == chart.percent(part, whole)


def page(app: Flask, funnel: Funnel, bot: Bot, **args: str) -> str:
    with app.test_request_context("/console/funnel"):
        return render_template("console/funnel.html", **(shown_funnel(bot, args) | {"funnel": funnel}))


@pytest.fixture
def app(bot: Bot) -> Flask:
    return create_app(bot)


def test_the_page_says_every_number_and_where_most_stop(app: Flask, bot: Bot) -> None:
    text = page(app, made_up(), bot)
    for label in LABELS:
        assert label in text
    assert text.count("most stop here") == 1
    assert re.search(r'class="worst"><th scope="row">Little interest or pleasure', text)
    assert "Most are lost before they are verified: 535." in text
    assert len(chart.STAGE_NAMES) == len(STAGES)


def test_the_page_keeps_to_the_policy_and_a_label_cannot_break_out(app: Flask, bot: Bot) -> None:
    evil = """<script>alert(1)</script>'"><img src=x onerror=alert(1)>"""
    form = made_up().screenings[0]
    worst = QuestionCount("x", evil, 640, 0, 0, 0, 640)
    text = page(app, replace(made_up(), screenings=(replace(form, title=evil, questions=(worst,)),)), bot)
    assert text.count("&lt;script&gt;") == 3
    assert not re.search(r"<style|\sstyle=|<script(?! src=)|<img|javascript:", text)


def test_labels_in_a_chart_are_text() -> None:
    svg = chart.small_stages_chart(made_up().stages, "s", """<b>"'&""")
    assert "&lt;b&gt;" in svg and "<b>" not in svg
    drawn(svg)


def test_it_shows_what_was_asked_for_and_nothing_it_does_not_know(app: Flask, bot: Bot, phone: Phone) -> None:
    phone.text("hola, español")
    shown = shown_funnel(bot, {"period": "30", "language": "es", "channel": "sms"})
    funnel = shown["funnel"]
    assert isinstance(funnel, Funnel)
    assert (1, "es", "sms") == (funnel.entries, funnel.counted.language, funnel.counted.channel)
    assert phone.clock.now - 31 * 86_400 < (funnel.counted.since or 0) < phone.clock.now - 29 * 86_400
    text = page(app, funnel, bot, period="30")
    assert '<option value="30" selected>' in text and '<option value="es" selected>' in text
    odd = shown_funnel(bot, {"period": "x", "language": "<b>", "channel": "fax"})["funnel"]
    assert isinstance(odd, Funnel)
    assert (None, None, 1) == (odd.counted.language, odd.counted.channel, odd.entries)


def test_nobody_yet_is_said_in_words(app: Flask, bot: Bot) -> None:
    funnel = shown_funnel(bot, {"period": "all"})["funnel"]
    assert isinstance(funnel, Funnel)
    assert "Nobody has started" in page(app, funnel, bot)
