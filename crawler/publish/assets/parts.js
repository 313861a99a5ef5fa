/* What the panel is put together from: elements, words from the web, samples for the legend, boxes to tick. */
"use strict";

const Parts = (() => {
  /* An element with its attributes and children. Text goes in as text, whatever it says. */
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }
  /* Text from the web, kept from turning the text around it (a bdi isolates). */
  const said = (text) => make("bdi", {}, text);
  /* A link where the URL can be one, else its text: what a page cites may be javascript: or data:. */
  function link(url, text = url) {
    const safe = /^https?:\/\//i.test(url);
    return safe ? make("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, said(text)) : said(text);
  }
  const day = (time) => (time ?? "").slice(0, 10);

  const POINTS = {
    "round-rectangle": "3,4 17,4 17,16 3,16",
    hexagon: "6,3 14,3 18,10 14,17 6,17 2,10",
    triangle: "10,2 18,17 2,17",
    diamond: "10,2 18,10 10,18 2,10",
    octagon: "7,3 13,3 17,7 17,13 13,17 7,17 3,13 3,7",
    star: "10,1 12.6,7 19,7.6 14.2,12 15.6,18.6 10,15.2 4.4,18.6 5.8,12 1,7.6 7.4,7",
  };
  function drawn(name, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }
  function sample(...parts) {
    const picture = drawn("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true", class: "sample" });
    picture.append(...parts);
    return picture;
  }
  const kindSample = ({ shape, colour }) => {
    const look = {
      fill: shape === "octagon" ? "none" : `var(${colour})`,
      stroke: shape === "octagon" ? "var(--lost)" : "var(--ink)",
      "stroke-width": 1.3,
    };
    return sample(
      shape === "ellipse"
        ? drawn("circle", { cx: 10, cy: 10, r: 7.5, ...look })
        : drawn("polygon", { points: POINTS[shape], "stroke-linejoin": "round", ...look }),
    );
  };
  const HEADS = {
    triangle: "13,5 20,10 13,15",
    "triangle-backcurve": "12,5 20,10 12,15 15,10",
    vee: "13,5 20,10 13,15 15,10",
    diamond: "12,10 16,6 20,10 16,14",
    tee: "17,4 19,4 19,16 17,16",
    circle: "13,10 14,7.5 16.5,6.5 19,7.5 20,10 19,12.5 16.5,13.5 14,12.5",
  };
  const outcomeSample = ({ dash, arrow, colour }) =>
    sample(
      drawn("line", {
        x1: 0,
        y1: 10,
        x2: 14,
        y2: 10,
        stroke: `var(${colour})`,
        "stroke-width": 2,
        "stroke-dasharray": dash.join(" ") || "none",
      }),
      drawn("polygon", { points: HEADS[arrow], fill: `var(${colour})` }),
    );
  const stateSample = ({ style, colour }) =>
    sample(
      ...(style === "double"
        ? [drawn("circle", { cx: 10, cy: 10, r: 8.5, fill: "none", stroke: `var(${colour})`, "stroke-width": 1.2 })]
        : []),
      drawn("circle", {
        cx: 10,
        cy: 10,
        r: 6,
        fill: "none",
        stroke: `var(${colour})`,
        "stroke-width": 1.6,
        "stroke-dasharray": style === "dotted" ? "1.6 2.2" : "none",
      }),
    );

  function counted(values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  }

  /* Boxes to tick, one a name in sight; `ticked` is the set of the names that are. */
  function choices(title, name, entries, changed) {
    const ticked = new Set(entries.map(({ value }) => value));
    const boxes = entries.map(({ value, text, picture, count }) => {
      const box = make("input", {
        type: "checkbox",
        name,
        value,
        checked: true,
        onchange: () => {
          box.checked ? ticked.add(value) : ticked.delete(value);
          changed();
        },
      });
      return {
        box,
        value,
        row: make("label", {}, box, picture ?? null, make("span", {}, text), make("span", { class: "count" }, String(count))),
      };
    });
    const all = (wanted) => () => {
      for (const { box, value } of boxes) {
        box.checked = wanted;
        wanted ? ticked.add(value) : ticked.delete(value);
      }
      changed();
    };
    const both =
      entries.length > 3
        ? make(
            "p",
            { class: "both" },
            make("button", { type: "button", class: "slight", "aria-label": `${title}: all`, onclick: all(true) }, "all"),
            make("button", { type: "button", class: "slight", "aria-label": `${title}: none`, onclick: all(false) }, "none"),
          )
        : null;
    const group = make(
      "fieldset",
      {},
      make("legend", {}, title),
      both,
      make("div", { class: "choices" }, ...boxes.map(({ row }) => row)),
    );
    return { group, ticked };
  }

  return { make, said, link, day, kindSample, outcomeSample, stateSample, counted, choices };
})();
