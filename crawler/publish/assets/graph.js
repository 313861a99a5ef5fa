/* The picture: pieces as nodes, citations as edges, drawn by cytoscape.js, placed by d3-force.
 *
 * The data is what crawler/publish/drawing.py writes. Nothing of it is ever taken for markup: text goes onto a canvas here,
 * and into text nodes in panel.js. */
"use strict";

const Picture = (() => {
  /* Each kind has a shape, and each outcome a line and an arrow, so that nothing is told by colour alone. */
  const KINDS = {
    article: { name: "Article", shape: "round-rectangle", colour: "--article" },
    tweet: { name: "Tweet", shape: "ellipse", colour: "--tweet" },
    page: { name: "Page", shape: "hexagon", colour: "--page" },
    document: { name: "Document", shape: "star", colour: "--document" },
    media: { name: "Media", shape: "triangle", colour: "--media" },
    unread: { name: "Not read", shape: "diamond", colour: "--unread" },
    end: { name: "Leads to no known piece", shape: "octagon", colour: "--lost" },
  };
  const OUTCOMES = {
    arrived: { name: "Link arrived", dash: [], arrow: "triangle", colour: "--arrived" },
    shown: { name: "Embedded, or not followed", dash: [1.5, 3], arrow: "vee", colour: "--shown" },
    matched: { name: "Matched by its title", dash: [9, 3], arrow: "triangle-backcurve", colour: "--matched" },
    landed: { name: "Arrived at something else", dash: [5, 3], arrow: "diamond", colour: "--landed" },
    held: { name: "Could not be followed", dash: [8, 3, 2, 3], arrow: "circle", colour: "--held" },
    lost: { name: "Link is dead", dash: [3, 2], arrow: "tee", colour: "--lost" },
  };
  const STATES = {
    arrived: { name: "Visited", style: "solid", colour: "--ink" },
    cited: { name: "Known from citations only", style: "dotted", colour: "--ink" },
    lost: { name: "Was not there at the last visit", style: "double", colour: "--lost" },
  };
  const HELD = new Set(["disallowed", "refused", "too_large", "try_later", "interrupted"]);

  const kindOf = (node) => (node.kind in KINDS ? node.kind : "unread");
  const stateOf = (node) => (node.state in STATES ? node.state : "lost");
  function outcomeOf(edge) {
    if (edge.matched_by) return "matched";
    if (edge.outcome === null) return "shown";
    if (edge.outcome === "arrived") return edge.landing ? "landed" : "arrived";
    return HELD.has(edge.outcome) ? "held" : "lost";
  }

  /* Controls and marks that turn the writing direction have no business in a label (Unicode TR 36, 2.10). */
  const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;
  const MANY = 80; // nodes, from which on they are drawn smaller, and as they were while they move
  const STRETCH = 1.7;
  const ALWAYS = 12; // names that may lie on nodes, if not on each other
  const LINE = 24; // characters
  /* A name as it stands below its node: two lines of whole words, cut where there is more. */
  function elided(text) {
    const words = text
      .replace(UNSEEN, " ")
      .replace(/^https?:\/\/(www\.)?/i, "")
      .trim()
      .split(/\s+/);
    const lines = [""];
    for (const word of words) {
      const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
      if (Array.from(longer).length <= LINE || !lines.at(-1)) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    const cut = lines.slice(0, 2).map((line) => {
      const letters = Array.from(line);
      return letters.length > LINE ? `${letters.slice(0, LINE - 1).join("")}…` : line;
    });
    if (lines.length > 2 && !cut[1].endsWith("…")) cut[1] += " …";
    return cut.join("\n");
  }

  const nodeId = (id) => `piece-${id}`;
  const endId = (edge) => `end-${edge.id}`;
  const edgeId = (edge) => `citation-${edge.id}`;

  /* A link inside a tweet is drawn from the tweet, as long as that is in sight; else from the piece that embeds it. */
  function elements(data) {
    const known = new Set(data.nodes.map((node) => node.id));
    const found = data.nodes.map((node) => ({
      group: "nodes",
      data: {
        id: nodeId(node.id),
        kind: kindOf(node),
        state: stateOf(node),
        label: elided(node.name),
        focus: data.focus.includes(node.id) ? 1 : 0,
      },
    }));
    for (const edge of data.edges) {
      if (edge.cited === null) {
        const label = elided(edge.text ?? edge.url ?? "");
        found.push({ group: "nodes", data: { id: endId(edge), kind: "end", state: "lost", label, focus: 0 } });
      }
      const source = edge.tweet !== null && edge.tweet !== edge.cited && known.has(edge.tweet) ? edge.tweet : edge.citing;
      const target = edge.cited === null ? endId(edge) : nodeId(edge.cited);
      found.push({
        group: "edges",
        data: { id: edgeId(edge), source: nodeId(source), target, outcome: outcomeOf(edge), gone: edge.gone ? 1 : 0 },
      });
    }
    return found;
  }

  /* Where each node goes. Arrows run from left to right where circles let them; or dates do. Always the same for the same data. */
  function places(cy, dates) {
    const bodies = cy.nodes().map((node) => ({ id: node.id(), rank: dates?.get(node.id()) }));
    const byId = new Map(bodies.map((body) => [body.id, body]));
    const links = cy.edges().map((edge) => ({ source: byId.get(edge.source().id()), target: byId.get(edge.target().id()) }));
    const gap = 44 + 260 / Math.sqrt(bodies.length + 1); // a few nodes leave room for their names
    const pull = (alpha) => {
      for (const { source, target } of links) {
        const missing = gap - (target.x - source.x);
        if (missing <= 0 || source === target) continue;
        source.vx -= missing * 0.1 * alpha;
        target.vx += missing * 0.1 * alpha;
      }
    };
    if (dates) {
      const width = 1.1 * gap * Math.sqrt(bodies.length) + gap;
      const ranked = bodies.filter((body) => body.rank !== undefined);
      for (const body of ranked) body.fx = (body.rank / Math.max(1, ranked.length - 1) - 0.5) * width;
    }
    d3.forceSimulation(bodies)
      .force("link", d3.forceLink(links).distance(gap))
      .force(
        "charge",
        d3
          .forceManyBody()
          .strength(-0.085 * gap ** 2)
          .distanceMax(9 * gap),
      )
      .force("collide", d3.forceCollide(0.5 * gap))
      .force("x", d3.forceX(0).strength(0.02))
      .force("y", d3.forceY(0).strength(dates ? 0.02 : 0.05))
      .force("flow", dates ? null : pull)
      .stop()
      .tick(bodies.length > 200 ? 220 : 320);
    return byId;
  }

  function styles(colour, zoom, many) {
    // Shapes and letters keep a size that can be read, however far one zooms out.
    const px = (size, least, most) => (size * Math.min(most, Math.max(least, zoom))) / zoom;
    const size = (times) => (node) =>
      px(Math.min(44, (many ? 16 : 22) + 4 * Math.log2(1 + node.indegree(false))), 0.62, 1.4) * times;
    const sheet = [
      {
        selector: "node",
        style: {
          width: size(1),
          height: size(1),
          "border-width": px(1.5, 0.7, 1.2),
          "border-color": colour("--ink"),
          "font-family": "system-ui, sans-serif",
          "font-size": 12 / zoom,
          color: colour("--ink"),
          label: "",
          "text-wrap": "wrap",
          "text-max-width": 1e5,
          "text-valign": "bottom",
          "text-margin-y": 3 / zoom,
          "text-outline-color": colour("--ground"),
          "text-outline-width": 2.5 / zoom,
          "overlay-opacity": 0,
          "z-index": 2,
        },
      },
      { selector: "node.labelled", style: { label: "data(label)", "z-index": 5 } },
      { selector: "node.above", style: { "text-valign": "top", "text-margin-y": -3 / zoom } },
      {
        selector: "node[focus = 1]",
        style: { width: size(1.5), height: size(1.5), "border-width": px(4, 0.8, 1.2), "font-weight": 700 },
      },
      {
        selector: "edge",
        style: {
          width: px(1.4, 0.6, 1.4),
          "curve-style": "bezier",
          "control-point-step-size": px(26, 0.6, 1.4),
          "arrow-scale": px(0.9, 0.5, 1.3),
          "overlay-opacity": 0,
          opacity: zoom < 0.7 ? 0.6 : 0.85,
        },
      },
    ];
    for (const [kind, { shape, colour: name }] of Object.entries(KINDS)) {
      sheet.push({ selector: `node[kind = "${kind}"]`, style: { shape, "background-color": colour(name) } });
    }
    for (const [state, { style, colour: name }] of Object.entries(STATES)) {
      const wide = style === "double" ? { "border-width": px(4, 0.8, 1.2) } : {};
      sheet.push({
        selector: `node[state = "${state}"][kind != "end"]`,
        style: { "border-style": style, "border-color": colour(name), ...wide },
      });
    }
    sheet.push({
      selector: 'node[kind = "end"]',
      style: { width: size(0.7), height: size(0.7), "background-opacity": 0, "border-color": colour("--lost") },
    });
    for (const [outcome, { dash, arrow, colour: name }] of Object.entries(OUTCOMES)) {
      const line = dash.length ? { "line-style": "dashed", "line-dash-pattern": dash.map((part) => px(part, 0.7, 1.4)) } : {};
      sheet.push({
        selector: `edge[outcome = "${outcome}"]`,
        style: { "line-color": colour(name), "target-arrow-color": colour(name), "target-arrow-shape": arrow, ...line },
      });
    }
    sheet.push(
      { selector: "edge[gone = 1]", style: { opacity: 0.45 } },
      { selector: ".away", style: { display: "none" } },
      { selector: ".dim", style: { opacity: 0.18 } },
      {
        selector: "node.chosen",
        style: { "border-color": colour("--chosen"), "border-width": px(5, 0.8, 1.2), "border-style": "solid", "z-index": 9 },
      },
      { selector: "edge.chosen", style: { width: px(2.6, 0.7, 1.4), opacity: 1, "z-index": 8 } },
    );
    return sheet;
  }

  /* Draws `data` into `container`. `onChoose(id | null)` hears which piece was chosen there, `onOpen(id)` which one was opened. */
  function draw(container, data, { onChoose, onOpen, onView }) {
    const palette = getComputedStyle(container);
    const colour = (name) => palette.getPropertyValue(name).trim();
    const many = data.nodes.length > MANY;
    const cy = cytoscape({
      container,
      elements: elements(data),
      style: styles(colour, 1, many),
      layout: { name: "null" },
      minZoom: 0.05,
      maxZoom: 4,
      boxSelectionEnabled: false,
      autounselectify: true,
      textureOnViewport: many,
    });
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = "12px system-ui, sans-serif";
    const sizes = new Map(
      cy.nodes().map((node) => {
        const lines = node.data("label").split("\n");
        return [node.id(), { width: Math.max(...lines.map((line) => pen.measureText(line).width)), height: 14 * lines.length }];
      }),
    );
    let chosen = null;
    let drawnAt = null;

    /* The most cited pieces are named first, and a name is left out where it would lie on another name or on a node. */
    function label() {
      const seen = cy.nodes().not(".away").not(".dim"); // beside a chosen piece those that are tied to it
      const bounds = { x: cy.width(), y: cy.height() };
      const spots = seen
        .filter((node) => !many || node.data("kind") !== "end" || cy.zoom() > 0.8)
        .map((node) => ({ node, ...node.renderedPosition(), half: node.renderedHeight() / 2 }))
        .filter(({ x, y }) => x > -40 && y > -40 && x < bounds.x + 40 && y < bounds.y + 40);
      const weight = ({ node }) =>
        (node.hasClass("chosen") ? 1e6 : 0) + node.data("focus") * 1e5 + (node.data("kind") === "end" ? 0 : 1 + node.degree());
      for (const spot of spots)
        Object.assign(spot, {
          left: spot.x - spot.half,
          right: spot.x + spot.half,
          top: spot.y - spot.half,
          bottom: spot.y + spot.half,
        });
      spots.sort((one, other) => weight(other) - weight(one));
      const taken = [];
      const below = [];
      const above = [];
      spots.forEach((spot, rank) => {
        const { width, height } = sizes.get(spot.node.id());
        const apart = (one, other) =>
          one.left > other.right || one.right < other.left || one.top > other.bottom || one.bottom < other.top;
        const fits = (top) => {
          const box = { left: spot.x - width / 2 - 3, right: spot.x + width / 2 + 3, top, bottom: top + height + 3 };
          if (!taken.every((other) => apart(box, other))) return false;
          if (rank >= ALWAYS && !spots.every((other) => other === spot || apart(box, other))) return false;
          taken.push(box);
          return true;
        };
        if (fits(spot.bottom)) below.push(spot.node);
        else if (fits(spot.top - height - 3)) above.push(spot.node);
      });
      cy.batch(() => {
        cy.nodes().removeClass("labelled above");
        for (const node of [...below, ...above]) node.addClass("labelled");
        for (const node of above) node.addClass("above");
      });
    }
    /* Sizes and names follow the zoom once it rests: to draw them anew at each turn of a wheel would make it stutter. */
    const stage = container.parentElement; // not the container: cytoscape.js takes a change of its attributes for a resize
    let waiting = 0;
    function redraw() {
      clearTimeout(waiting);
      stage.setAttribute("aria-busy", "true");
      waiting = setTimeout(
        () => {
          if (drawnAt !== cy.zoom()) {
            drawnAt = cy.zoom();
            cy.style(styles(colour, drawnAt, many));
          }
          label();
          onView?.();
          stage.setAttribute("aria-busy", "false");
        },
        many ? 120 : 16,
      );
    }

    function arrange(dates) {
      const found = places(cy, dates);
      // What is narrower than the window is drawn out to its form, as far as the eye doesn't mind.
      const extent = (axis) => {
        const along = [...found.values()].map((body) => body[axis]);
        return Math.max(1, Math.max(...along) - Math.min(...along));
      };
      const wanted = cy.width() / cy.height() / (extent("x") / extent("y"));
      const [across, down] = wanted > 1 ? [Math.min(STRETCH, wanted), 1] : [1, Math.min(STRETCH, 1 / wanted)];
      cy.nodes().positions((node) => ({ x: found.get(node.id()).x * across, y: found.get(node.id()).y * down }));
      fit();
    }
    function fit() {
      const seen = cy.elements().not(".away");
      const box = (seen.length ? seen : cy.elements()).boundingBox({ includeLabels: false });
      const level = Math.min(
        (cy.width() - (many ? 130 : 200)) / Math.max(1, box.w),
        (cy.height() - 80) / Math.max(1, box.h),
        1.6,
      );
      const middle = { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 };
      cy.viewport({ zoom: level, pan: { x: cy.width() / 2 - level * middle.x, y: cy.height() / 2 - level * middle.y } });
      redraw();
    }
    function choose(id) {
      chosen = id === null ? cy.collection() : cy.getElementById(nodeId(id));
      cy.batch(() => {
        cy.elements().removeClass("dim chosen");
        if (chosen.length) {
          const near = chosen.closedNeighborhood();
          cy.elements().not(near).addClass("dim");
          near.edges().add(chosen).addClass("chosen");
        }
      });
      redraw();
    }
    function show(id) {
      const node = cy.getElementById(nodeId(id));
      const { x, y } = node.renderedPosition();
      if (x < 20 || y < 20 || x > cy.width() - 20 || y > cy.height() - 20) cy.center(node);
    }
    /* Hides what the tests turn down; a tweet's link hangs on the piece that embeds it while the tweet is hidden. */
    function filter(nodeSeen, edgeSeen) {
      cy.batch(() => {
        const away = new Set(data.nodes.filter((node) => !nodeSeen(node)).map((node) => node.id));
        for (const node of data.nodes) cy.getElementById(nodeId(node.id)).toggleClass("away", away.has(node.id));
        for (const edge of data.edges) {
          const line = cy.getElementById(edgeId(edge));
          const byTweet = edge.tweet !== null && edge.tweet !== edge.cited && cy.getElementById(nodeId(edge.tweet)).nonempty();
          const source = byTweet && !away.has(edge.tweet) ? edge.tweet : edge.citing;
          if (line.source().id() !== nodeId(source)) line.move({ source: nodeId(source) });
          const hidden = away.has(edge.citing) || away.has(edge.cited) || !edgeSeen(edge);
          cy.getElementById(edgeId(edge)).toggleClass("away", hidden);
          if (edge.cited === null) cy.getElementById(endId(edge)).toggleClass("away", hidden);
        }
      });
      redraw();
    }
    /* The nearest piece in sight that way from the chosen one; the first where none is chosen. */
    function towards(dx, dy) {
      const seen = cy.nodes().not(".away").not('[kind = "end"]');
      if (!seen.length) return null;
      if (!chosen?.length || chosen.hasClass("away")) return pieceOf(seen.filter("[focus = 1]").union(seen)[0]);
      const from = chosen.position();
      let best = null;
      seen.not(chosen).forEach((node) => {
        const along = (node.position("x") - from.x) * dx + (node.position("y") - from.y) * dy;
        const aside = Math.abs((node.position("x") - from.x) * dy) + Math.abs((node.position("y") - from.y) * dx);
        if (along <= 0) return;
        const cost = along + 2.5 * aside;
        if (best === null || cost < best.cost) best = { cost, node };
      });
      return best ? pieceOf(best.node) : null;
    }
    const pieceOf = (node) => Number(node.id().slice("piece-".length));

    cy.on("tap", (event) => {
      if (event.target === cy) onChoose(null);
      else if (event.target.isNode() && event.target.data("kind") !== "end") onChoose(pieceOf(event.target));
    });
    cy.on("dbltap", 'node[kind != "end"]', (event) => onOpen(pieceOf(event.target)));
    cy.on("pan zoom resize dragfree", redraw);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      drawnAt = null;
      redraw();
    });
    return {
      arrange,
      fit,
      choose,
      show,
      filter,
      towards,
      cy,
      nodes: data.nodes,
      zoom: (factor) => {
        cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
      },
    };
  }

  return { KINDS, OUTCOMES, STATES, draw, elided, kindOf, stateOf, outcomeOf, nodeId };
})();
