"""The graph page: a Datasette plugin that draws the neighbourhood of a piece, or the pieces that a query answers with.

/-/graph/ID?depth=2      what is up to so many citations away from a piece
/-/graph?query=NAME&…    the pieces of a canned query's answer, and what they cite of each other
/-/graph?sql=…           the same of any SQL, where that may be asked
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from datasette import Forbidden, Response, hookimpl
from datasette.database import QueryInterrupted
from datasette.utils import InvalidSql, validate_sql_select
from datasette.utils.sqlite import sqlite3
from markupsafe import Markup
from sqlite_utils import Database

from crawler.errors import QueryError
from crawler.publish import drawing
from crawler.publish.bundle import DATABASE, QUERY_PREFIX
from crawler.store import graph
from crawler.store.questions import PIECE_COLUMNS, Question, questions, views

DEPTHS = (1, 2, 3)
LIMIT = 500  # nodes: as many as can be read
OURS = ("query", "sql")

# Nothing on the page but our own files; a link is followed without saying where from.
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Datasette's own pages have scripts and styles inside them; still nothing leaves for another host.
LOOSE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {b"content-security-policy": LOOSE.encode(), b"referrer-policy": b"no-referrer", b"x-content-type-options": b"nosniff"}


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """Serve the page."""
    return [(r"^/-/graph/(?P<piece>\d{1,18})$", around), (r"^/-/graph$", of_answer)]


@hookimpl
def extra_template_vars() -> dict[str, Any]:
    """Tell the page of a query which of its columns hold pieces, and the row of a piece what can be asked of it."""
    return {"piece_columns": PIECE_COLUMNS, "piece_questions": tuple(_of_one_piece())}


@hookimpl
def render_cell(value: object, column: str, table: str | None, database: str, datasette: Any) -> Markup | None:
    """Lead from the ids of pieces in the answers of queries and views to their rows, as foreign keys do in tables."""
    if database != DATABASE or column not in PIECE_COLUMNS or not isinstance(value, int) or table not in {None, *views()}:
        return None
    return Markup('<a href="{}/{}">{}</a>').format(datasette.urls.table(DATABASE, "pieces"), value, value)


@hookimpl
def asgi_wrapper() -> Any:
    """Keep every page from loading anything from elsewhere, being framed, or saying where a link was followed from."""

    def wrap(app: Any) -> Any:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            async def send_guarded(message: Any) -> None:
                if message["type"] == "http.response.start":
                    sent = {name.lower() for name, _ in message["headers"]}
                    more = [header for header in HEADERS.items() if header[0] not in sent]
                    message = message | {"headers": [*message["headers"], *more]}
                await send(message)

            await app(scope, receive, send_guarded)

        return guarded

    return wrap


async def around(datasette: Any, request: Any) -> Response:
    """Answer with the neighbourhood of a piece."""
    await _must_be_allowed(datasette, request, "view-database")
    piece, depth = int(request.url_vars["piece"]), request.args.get("depth", "2")
    if depth not in map(str, DEPTHS):
        return await _refusal(datasette, request, 400, f"depth is how many citations away, {DEPTHS[0]} to {DEPTHS[-1]}")

    def ask(connection: Any) -> graph.Graph:
        return graph.neighbourhood(Database(connection), piece, depth=int(depth), limit=LIMIT)

    try:
        found = await datasette.get_database(DATABASE).execute_fn(ask)
    except QueryError as error:
        return await _refusal(datasette, request, 404, str(error))
    name = next(node.name for node in found.nodes if node.id == piece)
    return await _page(datasette, request, found, name, {"piece": piece, "depth": int(depth), "depths": DEPTHS})


async def of_answer(datasette: Any, request: Any) -> Response:
    """Answer with the pieces that a query's answer names."""
    name, sql = request.args.get("query"), request.args.get("sql")
    await _must_be_allowed(datasette, request, "view-database" if name else "execute-sql")
    if name:
        name = name if name in questions() else name.removeprefix(QUERY_PREFIX)
        if name not in questions():
            return await _refusal(datasette, request, 404, f"there is no query named {name}")
        sql, title = questions()[name].sql, questions()[name].title
    elif sql:
        title = "The pieces of an answer"
    else:
        return await _refusal(
            datasette, request, 400, "what is to be drawn? /-/graph/ID, /-/graph?query=NAME or /-/graph?sql=SELECT …"
        )
    values = {key: request.args[key] for key in request.args if key not in OURS}
    database = datasette.get_database(DATABASE)
    try:
        if not name:
            validate_sql_select(sql)
        rows = await database.execute(sql, values)
    except (InvalidSql, QueryInterrupted, sqlite3.Error) as error:
        return await _refusal(datasette, request, 400, f"the query can't be answered: {error}")
    columns = [column for column in rows.columns if column in PIECE_COLUMNS]
    if not columns:
        return await _refusal(
            datasette, request, 400, f"the answer names no pieces: none of its columns is {', '.join(PIECE_COLUMNS)}"
        )
    ids = {row[column] for row in rows.rows for column in columns if isinstance(row[column], int)}
    found = await database.execute_fn(lambda connection: graph.among(Database(connection), ids, limit=LIMIT))
    return await _page(datasette, request, found, title, {"query": request.args.get("query"), "sql": sql})


def _of_one_piece() -> Iterator[tuple[str, Question]]:
    """Yield the questions that a piece is all that has to be given to, with what the value is called."""
    for question in questions().values():
        needed = [one for one in question.parameters if one.default is None]
        if [one.type for one in needed] == ["piece"]:
            yield needed[0].name, question


async def _page(datasette: Any, request: Any, found: graph.Graph, title: str, context: dict[str, Any]) -> Response:
    pages = {"piece": f"{datasette.urls.table(DATABASE, 'pieces')}/{{id}}", "graph": str(datasette.urls.path("/-/graph/{id}"))}
    html = await datasette.render_template(
        "graph.html",
        context
        | {
            "title": title,
            "database": DATABASE,
            "data": drawing.data(found, pages=pages),
            "styles": [datasette.urls.path(f"/static/{name}") for name in drawing.STYLES],
            "scripts": [datasette.urls.path(f"/static/{name}") for name in drawing.SCRIPTS],
            "style_id": drawing.STYLE_ID,
        },
        request=request,
    )
    return Response.html(html, headers={"content-security-policy": STRICT})


async def _refusal(datasette: Any, request: Any, status: int, message: str) -> Response:
    # Not raised: Datasette would print a traceback with all that is in sight for what is only a wrong address.
    context = {"ok": False, "status": status, "error": message, "title": None}
    return Response.html(await datasette.render_template("error.html", context, request=request), status=status)


async def _must_be_allowed(datasette: Any, request: Any, action: str) -> None:
    """Raise Forbidden where the database's own pages would."""
    if hasattr(datasette, "allowed"):  # since 1.0
        from datasette.resources import DatabaseResource  # noqa: PLC0415

        allowed = await datasette.allowed(action=action, resource=DatabaseResource(DATABASE), actor=request.actor)
    else:
        allowed = await datasette.permission_allowed(request.actor, action, resource=DATABASE, default=True)
    if not allowed:
        raise Forbidden(f"{action} is not allowed here")
