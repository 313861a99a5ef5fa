"""The report in a real browser, opened from a file as a mail's recipient would open it."""

from __future__ import annotations

import pytest

from tests.cli.test_commands import SAMPLE, crawler

PERMIT = "City hall approved the warehouse’s permit in nine days, documents show"
PICTURE = "document.querySelector('[data-graph]').picture"
SETTLED = "() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 300))"
# Sizes as they are on the screen, and whether anything of the bar is painted in a colour of its own.
BARS = """() => [...document.querySelectorAll('figure svg.plot rect:not(.track)')].map((bar) => ({
  ...bar.getBoundingClientRect().toJSON(), colour: getComputedStyle(bar).fill }))"""
SPOT = f"""(title) => {{
  const piece = JSON.parse(document.getElementById("graph").textContent).nodes.find((node) => node.title === title);
  return {PICTURE}.cy.getElementById(Picture.nodeId(piece.id)).renderedPosition(); }}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def written(harbour, tmp_path_factory):
    """The report of the sample's whole run, as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    assert crawler("report", "--db", harbour, "--output", path).returncode == 0
    return path


@pytest.fixture
def report(written, open_page):
    """Open the report, and wait until its graph is drawn."""

    def report(**options):
        page = open_page(written.as_uri(), **options)
        page.evaluate(SETTLED)
        return page

    return report


def test_its_plots_and_its_graph_are_drawn_and_nothing_is_asked_for(report):
    page = report()
    bars = page.evaluate(BARS)
    assert len(bars) == 12
    assert all(bar["width"] > 2 and bar["height"] > 2 for bar in bars)
    assert {bar["colour"] for bar in bars} >= {"rgb(47, 127, 193)", "rgb(194, 59, 10)", "rgb(232, 168, 34)"}
    assert page.evaluate(f"{PICTURE}.cy.nodes(':visible').length") == 12, "10 pieces and two open ends"
    assert page.evaluate(f"{PICTURE}.cy.edges(':visible').length") == 17
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_a_click_on_a_piece_tells_what_is_known_of_it(report):
    page = report()
    canvas = page.locator(".canvas")
    canvas.scroll_into_view_if_needed()
    page.evaluate(SETTLED)
    canvas.click(position=page.evaluate(SPOT, PERMIT))
    details = page.get_by_role("region", name="The chosen piece")
    assert PERMIT in details.inner_text()
    assert "Cited by (" in details.inner_text()


def test_the_numbers_of_a_plot_can_be_read_as_a_table(report):
    page = report()
    figure = page.locator("figure").filter(has_text="How the links ended")
    assert not figure.get_by_role("table").is_visible()
    figure.get_by_text("The numbers as a table").click()
    assert figure.get_by_role("row", name="Goes round in a circle 1").is_visible()
    assert "Goes round in a circle: 1" in figure.get_by_role("img").evaluate("(plot) => plot.querySelector('desc').textContent")


def test_no_screen_is_too_narrow(report):
    page = report()
    for width in (1360, 768, 375, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERFLOW) <= 0, width
        sizes = page.evaluate(
            "[...document.querySelectorAll('svg.plot text')].map((text) => text.getBoundingClientRect().height)"
        )
        assert min(sizes) > 10, "the words of a plot can be read"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1360), ("dark", 375)])
def test_nobody_is_kept_out_of_a_report(report, barriers, scheme, width):
    page = report(scheme=scheme, width=width)
    for summary in page.locator("summary").all():
        summary.click()
    assert barriers(page) == []


def test_on_paper_it_is_dark_on_light_and_leaves_out_what_is_to_be_clicked(report):
    page = report(scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('svg.plot text')).fill") == "rgb(28, 35, 48)"
    assert page.locator(".canvas").is_visible()
    assert not page.locator("form.filters").is_visible()
    assert not page.get_by_text("The numbers as a table").first.is_visible()
    assert page.get_by_role("heading", name="Links that do not lead to what they cite").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF-")


def test_pages_that_mean_no_good_do_nothing(hostile_pages, open_page, tmp_path):
    path = tmp_path / "hostile.html"
    assert crawler("report", "--db", hostile_pages, "--output", path).returncode == 0
    page = open_page(path.as_uri())
    page.evaluate(SETTLED)
    assert page.title() == "Where the links lead"
    assert page.evaluate(OVERFLOW) <= 0, "a title without a blank is broken"
    assert page.get_by_text("<img src=x onerror=alert(1)>").first.is_visible()


def test_a_report_of_a_piece_has_it_in_the_middle_of_its_graph(harbour, open_page, tmp_path):
    path = tmp_path / "piece.html"
    assert crawler("report", "--db", harbour, "--piece", SAMPLE, "--output", path).returncode == 0
    page = open_page(path.as_uri())
    page.evaluate(SETTLED)
    assert "Three dead in Port Ansgar" in page.get_by_role("region", name="The chosen piece").inner_text()
