"""Grafana's JSON: a board is a title and rows, a row is a title and panels, a panel is a question and its queries."""

import json

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
# What Grafana calls a number.
COUNT, RATE, SECONDS, SHARE, FLAG = "short", "ops", "s", "percentunit", "bool_yes_no"
WIDTH = 24


def lines(title, description, unit, *queries, width=8):
    """A panel of lines over time; a query is PromQL and the legend of its lines."""
    custom = {"fillOpacity": 8, "lineWidth": 1, "showPoints": "never", "spanNulls": False}
    legend = {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]}
    options = {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    return panel("timeseries", title, description, unit, queries, width, 8, options, custom=custom, min=0)


def number(title, description, unit, *queries, width=4, red_from=None, red_below=None):
    """A panel of numbers as they are now; red from, or below, a limit."""
    steps = [{"color": "green", "value": None}]
    if red_from is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": red_from}]
    if red_below is not None:
        steps = [{"color": "red", "value": None}, {"color": "green", "value": red_below}]
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area",
        "textMode": "value_and_name" if len(queries) > 1 or "{{" in queries[0][1] else "value",
    }
    thresholds = {"mode": "absolute", "steps": steps}
    return panel("stat", title, description, unit, queries, width, 5, options, thresholds=thresholds)


def table(title, description, unit, *queries, width=12):
    """A panel of rows: the labels and the value of each series as they are now."""
    made = panel("table", title, description, unit, queries, width, 8, {"showHeader": True})
    for target in made["targets"]:
        target |= {"instant": True, "range": False, "format": "table"}
    return made


def panel(kind, title, description, unit, queries, width, height, options, **defaults):
    targets = [
        {"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": expr, "legendFormat": legend}
        for at, (expr, legend) in enumerate(queries)
    ]
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "gridPos": {"h": height, "w": width, "x": 0, "y": 0},
        "fieldConfig": {"defaults": {"unit": unit, **defaults}, "overrides": []},
        "options": options,
        "targets": targets,
    }


def row(title, *panels):
    """Panels side by side, as many as fit, under a title."""
    return title, panels


def board(uid, title, description, *rows):
    """A dashboard."""
    placed, y = [], 0
    for name, panels in rows:
        placed.append({"type": "row", "title": name, "collapsed": False, "panels": [], "gridPos": at(0, y, WIDTH, 1)})
        x, y, tallest = 0, y + 1, 0
        for one in panels:
            width, height = one["gridPos"]["w"], one["gridPos"]["h"]
            if x + width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            placed.append(one | {"gridPos": at(x, y, width, height)})
            x, tallest = x + width, max(tallest, height)
        y += tallest
    for number_of, one in enumerate(placed, start=1):
        one["id"] = number_of
    source = {"type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus", "refresh": 1}
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["relink"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [source]},
        "links": [{"type": "dashboards", "title": "Relink", "tags": ["relink"], "asDropdown": True, "keepTime": True}],
        "panels": placed,
    }


def at(x, y, width, height):
    return {"h": height, "w": width, "x": x, "y": y}


def text_of(made):
    """A panel a line, so that a change can be read."""
    head = {key: value for key, value in made.items() if key != "panels"}
    written = json.dumps(head, ensure_ascii=False, indent=1)
    panels = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in made["panels"])
    return f'{written[:-2]},\n "panels": [\n  {panels}\n ]\n}}\n'
