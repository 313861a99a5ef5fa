"""The graph page, as Datasette finds it in this folder."""

from crawler.publish.graph_page import asgi_wrapper, extra_template_vars, register_routes, render_cell

__all__ = ["asgi_wrapper", "extra_template_vars", "register_routes", "render_cell"]
