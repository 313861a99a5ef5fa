/* What stands around the picture: filters that are its legend, what is known of the chosen piece, a list of the pieces, and a table
 * of the citations for those who don't look at pictures.
 *
 * Every element with data-graph="ID" is filled with the graph in <script type="application/json" id="ID">. */
"use strict";

(() => {
  const { KINDS, OUTCOMES, STATES, kindOf, stateOf, outcomeOf } = Picture;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const { make, said, link, day, kindSample, outcomeSample, stateSample, counted, choices } = Parts;
  const SITES = 200; // beyond that a list of sites is no help

  function panel(root, data) {
    const pieces = new Map(data.nodes.map((node) => [node.id, node]));
    const to = (pattern, id) => (pattern ? pattern.replace("{id}", String(id)) : null);
    const degree = counted(data.edges.flatMap((edge) => [edge.citing, edge.cited, edge.tweet]));
    let chosen = null;

    /* Filters, which are the legend as well. */
    const kinds = counted(data.nodes.map(kindOf));
    const outcomes = counted(data.edges.map(outcomeOf));
    const sites = [...counted(data.nodes.map((node) => node.site ?? ""))].sort((one, other) => other[1] - one[1]);
    const named = (table, counts, picture) =>
      Object.entries(table)
        .filter(([value]) => counts.has(value))
        .map(([value, entry]) => ({ value, text: entry.name, picture: picture(entry), count: counts.get(value) }));
    const kind = choices("Pieces", "kind", named(KINDS, kinds, kindSample), () => filter());
    const outcome = choices("Citations", "outcome", named(OUTCOMES, outcomes, outcomeSample), () => filter());
    const site = choices(
      "Sites",
      "site",
      sites.slice(0, SITES).map(([value, count]) => ({ value, text: value === "" ? "no site" : said(value), count })),
      () => filter(),
    );
    const dates = data.nodes
      .map((node) => day(node.published_at))
      .filter((date) => date !== "")
      .sort();
    const span = { min: dates[0] ?? null, max: dates.at(-1) ?? null };
    const from = make("input", { type: "date", name: "from", ...span, onchange: () => filter() });
    const until = make("input", { type: "date", name: "until", ...span, onchange: () => filter() });
    const undated = make("input", { type: "checkbox", name: "undated", checked: true, onchange: () => filter() });
    const time = make(
      "fieldset",
      {},
      make("legend", {}, "Published"),
      make("label", { class: "field" }, "from", from),
      make("label", { class: "field" }, "until", until),
      make(
        "label",
        {},
        undated,
        make("span", {}, "without a date"),
        make("span", { class: "count" }, String(data.nodes.length - dates.length)),
      ),
    );
    const states = make(
      "div",
      { class: "states" },
      make("h3", {}, "Borders"),
      ...Object.values(STATES).map((state) => make("p", {}, stateSample(state), state.name)),
      data.edges.some((edge) => edge.cited === null) ? make("p", {}, kindSample(KINDS.end), KINDS.end.name) : null,
      data.edges.some((edge) => edge.gone) ? make("p", {}, "A pale line: no longer on its page") : null,
    );

    const nodeSeen = (node) =>
      kind.ticked.has(kindOf(node)) &&
      (site.ticked.has(node.site ?? "") || sites.findIndex(([name]) => name === (node.site ?? "")) >= SITES) &&
      (node.published_at === null
        ? undated.checked
        : (!from.value || day(node.published_at) >= from.value) && (!until.value || day(node.published_at) <= until.value));
    const edgeSeen = (edge) => outcome.ticked.has(outcomeOf(edge));

    function filter() {
      picture.filter(nodeSeen, edgeSeen);
      const seen = new Set(data.nodes.filter(nodeSeen).map((node) => node.id));
      const lines = data.edges.filter(
        (edge) => edgeSeen(edge) && seen.has(edge.citing) && (edge.cited === null || seen.has(edge.cited)),
      );
      const lineIds = new Set(lines.map((edge) => edge.id));
      const sought = find.value.trim().toLocaleLowerCase();
      for (const [id, row] of listed) {
        const node = pieces.get(id);
        row.hidden = !seen.has(id) || !`${node.name} ${node.url} ${node.site ?? ""}`.toLocaleLowerCase().includes(sought);
      }
      for (const [id, row] of rows) row.hidden = !lineIds.has(id);
      count.textContent = `${seen.size} of ${data.nodes.length} pieces, ${lines.length} of ${data.edges.length} citations`;
    }

    /* The chosen piece. */
    const details = make("section", { class: "details", "aria-label": "The chosen piece" });
    const facts = (...pairs) =>
      make(
        "dl",
        {},
        ...pairs
          .filter(([, value]) => value !== null && value !== undefined && value !== "")
          .flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, typeof value === "string" ? said(value) : value)]),
      );
    function tied(title, edges, other) {
      if (!edges.length) return null;
      return make(
        "div",
        {},
        make("h3", {}, `${title} (${edges.length})`),
        make(
          "ul",
          {},
          ...edges.map((edge) => {
            const node = pieces.get(other(edge));
            const what = node
              ? make("button", { type: "button", class: "piece", onclick: () => choose(node.id, true) }, said(node.name))
              : said(edge.text ?? edge.url ?? "nothing known");
            return make(
              "li",
              {},
              outcomeSample(OUTCOMES[outcomeOf(edge)]),
              make("span", {}, what, make("small", {}, described(edge))),
            );
          }),
        ),
      );
    }
    function described(edge) {
      const hops = edge.hop_count > 1 ? `${edge.hop_count} hops` : null;
      const how = edge.landing
        ? `led to a ${edge.landing.replace("_", " ")}`
        : edge.matched_by
          ? "matched by its title"
          : edge.outcome;
      return [edge.label ?? edge.kind.replace("_", " "), how, hops, edge.gone ? "no longer on its page" : null]
        .filter(Boolean)
        .join(" · ");
    }
    function tell() {
      const node = pieces.get(chosen);
      if (!node) {
        details.replaceChildren(make("p", { class: "quiet" }, "Choose a piece to see what is known of it."));
        return;
      }
      const row = to(data.pages?.piece, node.id);
      const around = to(data.pages?.graph, node.id);
      details.replaceChildren(
        make("h2", { tabindex: "-1" }, said(node.name)),
        make(
          "p",
          { class: "ways" },
          row ? make("a", { href: row, class: "row" }, "Its row") : null,
          around ? make("a", { href: around, class: "around" }, "Graph around it") : null,
        ),
        facts(
          ["URL", link(node.url)],
          ["Kind", KINDS[kindOf(node)].name],
          ["Site", node.site],
          ["Published", day(node.published_at)],
          ["State", STATES[stateOf(node)].name + (stateOf(node) === "lost" ? ` (${node.state})` : "")],
          ["Handle", node.handle ? `@${node.handle}` : null],
          ["First seen", day(node.first_seen_at)],
        ),
        tied(
          "Cites",
          data.edges.filter((edge) => edge.citing === chosen),
          (edge) => edge.cited,
        ) ?? "",
        tied(
          "Its links lead to",
          data.edges.filter((edge) => edge.tweet === chosen && edge.cited !== chosen),
          (edge) => edge.cited,
        ) ?? "",
        tied(
          "Cited by",
          data.edges.filter((edge) => edge.cited === chosen && edge.citing !== chosen),
          (edge) => edge.citing,
        ) ?? "",
      );
    }
    function choose(id, show = false) {
      chosen = id;
      picture.choose(id);
      if (id !== null && show) picture.show(id);
      for (const [other, row] of listed) row.firstChild.setAttribute("aria-pressed", String(other === id));
      tell();
      const node = pieces.get(id);
      status.textContent = node ? `${node.name}, ${KINDS[kindOf(node)].name}, ${degree.get(id) ?? 0} citations` : "";
    }
    function open(id) {
      const row = to(data.pages?.piece, id);
      if (row) location.assign(row);
      else {
        choose(id, true);
        details.querySelector("h2").focus();
      }
    }

    /* The list of the pieces, most tied first. */
    const order = [...data.nodes].sort(
      (one, other) =>
        data.focus.includes(other.id) - data.focus.includes(one.id) ||
        (degree.get(other.id) ?? 0) - (degree.get(one.id) ?? 0) ||
        one.id - other.id,
    );
    const listed = new Map(
      order.map((node) => [
        node.id,
        make(
          "li",
          {},
          make(
            "button",
            { type: "button", class: "piece", "aria-pressed": "false", onclick: () => choose(node.id, true) },
            kindSample(KINDS[kindOf(node)]),
            make("span", {}, said(node.name), make("small", {}, [node.site, day(node.published_at)].filter(Boolean).join(" · "))),
          ),
        ),
      ]),
    );
    const find = make("input", { type: "search", name: "find", placeholder: "title, URL or site", oninput: () => filter() });
    const list = make(
      "section",
      { class: "list", id: "pieces", "aria-label": "Pieces", tabindex: "-1" },
      make("label", { class: "field" }, "Find", find),
      make("ul", {}, ...listed.values()),
    );

    /* The table of the citations. */
    const where = (node) =>
      node
        ? make(
            "td",
            {},
            to(data.pages?.piece, node.id)
              ? make("a", { href: to(data.pages.piece, node.id) }, said(node.name))
              : said(node.name),
          )
        : make("td", {}, "–");
    const rows = new Map(
      data.edges.map((edge) => [
        edge.id,
        make(
          "tr",
          {},
          where(pieces.get(edge.citing)),
          make("td", {}, edge.label ? said(edge.label) : edge.kind.replace("_", " ")),
          make("td", {}, edge.text ? said(edge.text) : "–"),
          make(
            "td",
            {},
            OUTCOMES[outcomeOf(edge)].name + (edge.outcome && edge.outcome !== "arrived" ? ` (${edge.outcome})` : ""),
          ),
          make("td", { class: "number" }, edge.hop_count === null ? "–" : String(edge.hop_count)),
          where(pieces.get(edge.cited)),
          make("td", {}, day(edge.first_seen_at)),
        ),
      ]),
    );
    const table = make(
      "details",
      { class: "table", id: "citations" },
      make("summary", {}, "The citations as a table"),
      make(
        "div",
        { role: "region", "aria-label": "The citations as a table", tabindex: "0", class: "scroll" },
        make(
          "table",
          {},
          make("caption", {}, "Every citation in sight, with the piece that cites and the piece that is cited"),
          make(
            "thead",
            {},
            make(
              "tr",
              {},
              ...["Citing", "Kind", "Text", "Outcome", "Hops", "Cited", "First seen"].map((name) =>
                make("th", { scope: "col" }, name),
              ),
            ),
          ),
          make("tbody", {}, ...rows.values()),
        ),
      ),
    );

    /* The picture, and what moves it. */
    const status = make("p", { class: "unseen", role: "status" });
    const count = make("p", { class: "quiet" });
    const canvas = make("div", {
      class: "canvas",
      tabindex: "0",
      role: "application",
      "aria-roledescription": "graph",
      "aria-label": `Graph of ${data.nodes.length} pieces`,
      "aria-describedby": `${root.dataset.graph}-keys`,
    });
    const axis = make("div", { class: "axis", "aria-hidden": "true" });
    const keys = make(
      "p",
      { class: "quiet", id: `${root.dataset.graph}-keys` },
      "Arrow keys go from piece to piece, Enter opens one, + and − zoom, 0 fits, Escape lets go.",
    );
    const arrangement = make(
      "select",
      { name: "arrange", onchange: () => arrange() },
      make("option", { value: "citation" }, "by citation"),
      make("option", { value: "date" }, "by date"),
    );
    const button = (text, label, action) =>
      make("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
    const bar = make(
      "div",
      { class: "bar" },
      make("label", { class: "field" }, "Arrange", arrangement),
      button("+", "Zoom in", () => picture.zoom(1.3)),
      button("−", "Zoom out", () => picture.zoom(1 / 1.3)),
      button("Fit", "Fit the graph into view", () => picture.fit()),
      count,
    );
    const truncated = data.truncated
      ? make("p", { class: "notice" }, "There is more than is drawn here: the pieces most tied to these come first.")
      : null;
    root.replaceChildren(
      make(
        "form",
        { class: "filters", "aria-label": "What is drawn", onsubmit: (event) => event.preventDefault() },
        kind.group,
        outcome.group,
        time,
        site.group,
        states,
      ),
      make(
        "div",
        { class: "middle" },
        bar,
        ...(truncated ? [truncated] : []),
        make("div", { class: "stage" }, canvas, axis),
        keys,
        status,
      ),
      make("div", { class: "side" }, details, list),
      table,
    );

    const ranked = [...data.nodes]
      .filter((node) => node.published_at)
      .sort((one, other) =>
        one.published_at < other.published_at ? -1 : one.published_at > other.published_at ? 1 : one.id - other.id,
      );
    function arrange() {
      const byDate = arrangement.value === "date";
      picture.arrange(byDate ? new Map(ranked.map((node, rank) => [Picture.nodeId(node.id), rank])) : null);
    }
    /* The dates below the picture, where they stand in order. */
    function mark() {
      axis.hidden = arrangement.value !== "date";
      if (axis.hidden) return;
      let free = -Infinity;
      axis.replaceChildren(
        ...ranked
          .map((node) => {
            const x = picture.cy.getElementById(Picture.nodeId(node.id)).renderedPosition("x");
            if (x < free || x > picture.cy.width() - 40 || x < 40) return null;
            free = x + 96;
            const tick = make("span", {}, day(node.published_at));
            tick.style.left = `${x}px`;
            return tick;
          })
          .filter(Boolean),
      );
    }
    const picture = Picture.draw(canvas, data, { onChoose: choose, onOpen: open, onView: mark });
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const actions = {
        Enter: () => chosen !== null && open(chosen),
        "+": () => picture.zoom(1.3),
        "-": () => picture.zoom(1 / 1.3),
        0: () => picture.fit(),
        Escape: () => choose(null),
      };
      if (event.key in ARROWS) {
        const next = picture.towards(...ARROWS[event.key]);
        if (next !== null) choose(next, true);
      } else if (event.key in actions) actions[event.key]();
      else return;
      event.preventDefault();
    });
    arrange();
    if (data.focus.length === 1) [chosen] = data.focus;
    tell();
    filter();
    root.picture = picture;
  }

  for (const root of document.querySelectorAll("[data-graph]")) {
    panel(root, JSON.parse(document.getElementById(root.dataset.graph).textContent));
  }
})();
