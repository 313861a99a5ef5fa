"""The graph page in a real browser: seen, clicked, filtered, walked by keyboard, and looked over by axe-core."""

from __future__ import annotations

import sys

import pytest

from tests.cli.test_commands import CASSETTES, SAMPLE, SAMPLE_HTML, crawler, rows
from tests.publish import hostile, many
from tests.publish.conftest import watched
from tests.publish.serving import Unavailable, python_with, served

CITY_HALL = "City hall approved the warehouse’s permit in nine days, documents show"
CREWS = "Crews from four towns still at work at the north quay"
FIRE = "Three dead in Port Ansgar warehouse fire, city opens inquiry"
MANY = 500

PICTURE = "document.querySelector('[data-graph]').picture"
DRAWN = f"""() => {{
  const canvas = document.querySelector('canvas[data-id="layer2-node"]');
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let coloured = 0;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] > 200) coloured += 1;
  return {{ nodes: {PICTURE}.cy.nodes(":visible").length, edges: {PICTURE}.cy.edges(":visible").length, coloured }};
}}"""
SPOTS = f"""() => {PICTURE}.cy.nodes(":visible").map((node) => {{
  const {{ x, y }} = node.renderedPosition();
  const name = node.renderedBoundingBox({{ includeNodes: false, includeOverlays: false }});
  return {{ id: node.id(), x, y, size: node.renderedHeight(), labelled: node.hasClass("labelled"), name }};
}})"""
TURNED = f"""(ink) => new Promise((done) => {{
  const look = () => ({PICTURE}.cy.nodes()[0].style("color") === ink ? done() : requestAnimationFrame(look));
  look();
}})"""
EXPECTED = f"(expected) => Object.entries(expected).every(([kind, count]) => {PICTURE}.cy[kind](':visible').length === count)"
DRAWN_ANEW = '.stage[aria-busy="false"]'


def wait_until_drawn(page, **expected):
    """Wait until so many nodes and edges are seen: what is clicked shows at the next frame, which a busy machine puts off."""
    page.wait_for_function(EXPECTED, arg=expected)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The sample's run, a story of 500 pieces, and pieces that mean no good; with the first piece of each."""
    path = tmp_path_factory.mktemp("database") / "provenance.db"
    assert crawler("run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", path, "--depth", 2).returncode == 0
    ((fire,),) = rows(path, "SELECT id FROM pieces WHERE key LIKE '%/harbour-fire.txt'")
    return path, {"fire": fire, "many": many.add(path, MANY), "ill": hostile.add(path)}


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    with served(sys.executable, database[0], tmp_path_factory.mktemp("served")) as site:
        yield site


@pytest.fixture
def graph(site, database, open_page):
    """Open the graph around a piece, and wait until it is drawn."""

    def graph(first, query="", **options):
        page = open_page(f"{site.url}/-/graph/{database[1][first]}{query}", **options)
        page.wait_for_selector(DRAWN_ANEW)
        return page

    return graph


def spot(page, name):
    """Return where on the page the piece of that name is drawn."""
    id_ = page.evaluate(f"(name) => {PICTURE}.nodes.find((node) => node.name === name).id", name)
    place = page.evaluate(f"(id) => {PICTURE}.cy.getElementById(id).renderedPosition()", f"piece-{id_}")
    box = page.locator(".canvas").bounding_box()
    return box["x"] + place["x"], box["y"] + place["y"]


def listed(page):
    return set(page.locator(".list li:visible bdi").all_inner_texts())


def chosen(page):
    return page.locator(".details h2").inner_text()


def test_pieces_and_citations_are_drawn(graph):
    drawn = graph("fire").evaluate(DRAWN)
    assert (drawn["nodes"], drawn["edges"]) == (8 + 2, 15)  # two citations lead to no known piece
    assert drawn["coloured"] > 2000


def test_a_click_tells_of_a_piece_and_leads_to_its_row(graph):
    page = graph("fire")
    assert chosen(page) == FIRE
    page.mouse.click(*spot(page, CITY_HALL))
    page.wait_for_selector(DRAWN_ANEW)
    assert chosen(page) == CITY_HALL
    assert "Cited by" in page.locator(".details").inner_text()
    named = page.evaluate(f"{PICTURE}.cy.nodes('.labelled').map((node) => node.data('label').split('\\n')[0])")
    assert "City hall approved the" in named
    assert "pic.twitter.com/Qe7TbN3…" not in named  # two citations away from it
    assert page.locator(".details a.row").get_attribute("href") in page.content()
    page.locator(".details a.row").click()
    assert page.locator("td.col-title").inner_text() == CITY_HALL
    page.get_by_text("Graph around this piece").click()
    page.wait_for_selector(DRAWN_ANEW)
    assert page.locator("h1").inner_text() == CITY_HALL


def test_a_double_click_opens_the_row(graph):
    page = graph("fire")
    page.mouse.dblclick(*spot(page, CREWS))
    page.wait_for_url("**/provenance/pieces/*")
    assert page.locator("td.col-title").inner_text() == CREWS


def test_a_kind_that_is_hidden_takes_its_pieces_along_and_leaves_their_links(graph):
    page = graph("fire")
    before = page.evaluate(DRAWN)
    page.locator('input[name="kind"][value="tweet"]').uncheck()
    wait_until_drawn(page, nodes=before["nodes"] - 2, edges=before["edges"] - 2)
    # Its links hang on the article that embeds it.
    sources = page.evaluate(f"() => {PICTURE}.cy.edges(':visible').map((edge) => edge.source().data('kind'))")
    assert "tweet" not in sources
    assert page.locator(".list li:visible").count() == 6
    assert "6 of 8 pieces, 13 of 15 citations" in page.locator(".bar").inner_text()


def test_outcomes_sites_and_times_can_be_left_out(graph):
    page = graph("fire")
    page.get_by_role("button", name="Citations: none").click()
    page.locator('input[name="outcome"][value="lost"]').check()
    wait_until_drawn(page, edges=1)
    page.get_by_role("button", name="Citations: all").click()
    page.locator('input[name="site"][value="harbourpost.example"]').uncheck()
    assert listed(page) & {CITY_HALL, CREWS} == {CREWS}
    page.locator('input[name="site"][value="harbourpost.example"]').check()
    page.locator('input[name="from"]').fill("2026-03-16")
    page.locator('input[name="undated"]').uncheck()
    assert listed(page) & {CITY_HALL, CREWS} == {CITY_HALL}  # the crews' is of the 15th


def test_the_table_says_what_the_picture_shows(graph):
    page = graph("fire")
    page.get_by_text("The citations as a table").click()
    assert page.locator(".table tbody tr:visible").count() == 15
    matched = page.locator(".table tbody tr", has_text="Matched by its title")
    assert matched.count() == 1
    assert FIRE in matched.inner_text()
    page.locator('input[name="outcome"][value="matched"]').uncheck()
    assert page.locator(".table tbody tr:visible").count() == 14


def test_all_of_it_can_be_done_by_keyboard(graph):
    page = graph("fire")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the list of pieces"
    assert page.locator(".skip").first.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "find"
    page.locator(".canvas").focus()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    page.keyboard.press("ArrowRight")
    assert page.locator("[role=status]").inner_text().startswith(FIRE)
    page.keyboard.press("ArrowRight")
    said = page.locator("[role=status]").inner_text()
    assert said
    assert not said.startswith(FIRE)
    assert outline == "3px"
    page.keyboard.press("Escape")
    assert page.locator("[role=status]").inner_text() == ""
    zoom = page.evaluate(f"{PICTURE}.cy.zoom()")
    page.keyboard.press("+")
    assert page.evaluate(f"{PICTURE}.cy.zoom()") > zoom
    page.keyboard.press("0")
    assert page.evaluate(f"{PICTURE}.cy.zoom()") == pytest.approx(zoom, rel=0.01)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/provenance/pieces/*")
    assert page.locator("td.col-title").inner_text() == FIRE


@pytest.mark.parametrize(("scheme", "width"), [("light", 1360), ("dark", 480)])
def test_nobody_is_kept_out(graph, barriers, scheme, width):
    page = graph("fire", scheme=scheme, width=width)
    page.get_by_text("The citations as a table").click()
    assert barriers(page) == []


def test_it_turns_dark_with_the_reader(graph):
    page = graph("fire")
    for scheme, ink in (("dark", "rgb(230,234,240)"), ("light", "rgb(28,35,48)")):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(TURNED, ink)  # waits; the page lets nobody wait with a string of code


def test_five_hundred_pieces_can_be_read(graph):
    page = graph("many", "?depth=3")
    spots = page.evaluate(SPOTS)
    box = page.locator(".canvas").bounding_box()
    assert len(spots) > MANY * 0.95
    assert all(0 <= one["x"] <= box["width"] and 0 <= one["y"] <= box["height"] for one in spots)
    assert min(one["size"] for one in spots) >= 6  # pixels
    hidden = sum(
        any(abs(one["x"] - other["x"]) + abs(one["y"] - other["y"]) < other["size"] / 3 for other in spots if other is not one)
        for one in spots
    )
    assert hidden < len(spots) * 0.02
    names = [one["name"] for one in spots if one["labelled"]]
    assert len(names) >= 10
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            assert (
                one["x1"] >= other["x2"] - 8
                or other["x1"] >= one["x2"] - 8
                or one["y1"] >= other["y2"] - 8
                or other["y1"] >= one["y2"] - 8
            )
    # Nearer, more of them are named.
    page.evaluate(f"() => {{ {PICTURE}.zoom(3); }}")
    page.wait_for_selector(DRAWN_ANEW)
    shown = [one for one in page.evaluate(SPOTS) if 0 <= one["x"] <= box["width"] and 0 <= one["y"] <= box["height"]]
    assert sum(one["labelled"] for one in shown) / len(shown) > 2 * len(names) / len(spots)


def test_the_same_graph_is_always_drawn_the_same(graph):
    assert graph("fire").evaluate(SPOTS) == graph("fire").evaluate(SPOTS)


def test_pieces_can_stand_in_the_order_of_their_dates(graph):
    page = graph("fire")
    page.locator('select[name="arrange"]').select_option("date")
    page.wait_for_selector(DRAWN_ANEW)
    assert spot(page, CREWS)[0] < spot(page, CITY_HALL)[0] < spot(page, "Harbour fire: the inquiry’s first day")[0]
    assert page.locator(".axis").inner_text().split() == sorted(page.locator(".axis").inner_text().split())


def test_what_the_web_wrote_does_nothing(graph):
    page = graph("ill", "?depth=3")
    schemes, urls = set(), []
    for piece in page.locator(".list button.piece").all():
        piece.click()
        schemes |= set(page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.protocol)"))
        urls.append(page.locator(".details dd").first.inner_text())
    assert schemes <= {"http:", "https:"}
    assert set(urls) == set(hostile.URLS)  # told, and no links
    assert page.locator(".list li").count() == 4  # as far as three citations go
    assert "graph" in page.title()
    assert page.locator("img, svg[onload], [data-graph] script").count() == 0
    labels = page.evaluate(f"{PICTURE}.cy.nodes().map((node) => node.data('label'))")
    assert all(label.replace("\n", "").isprintable() for label in labels), "a mark that turns the text is in a label"
    titles = page.locator(".list bdi").all_inner_texts()
    assert any(hostile.MARKUP in title for title in titles)


OWN = ("/", "/provenance", "/provenance/pieces", "/provenance/citations/1", "/provenance/cites?piece=1", "/-/graph/1")


def test_datasettes_own_pages_work_under_our_rules(site, open_page):
    for path in OWN:
        open_page(site.url + path)


def test_so_do_those_of_the_next_version(database, chromium, tmp_path):
    try:
        python = python_with("1.0")
    except Unavailable as reason:
        pytest.skip(str(reason))
    with served(python, database[0], tmp_path) as site, watched(chromium) as open_page:
        for path in OWN:
            open_page(site.url + path)
