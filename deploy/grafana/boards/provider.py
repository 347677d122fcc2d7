"""What the provider answers."""

from panels import COUNT, RATE, SECONDS, SHARE, board, lines, number, row

CALLS = "relink_provider_calls_total"

BOARD = board(
    "relink-provider",
    "Relink: provider",
    "Calls of the provider by route and by what the answer means, and how long they take.",
    row(
        "Now",
        number("Our key refused", "Calls of the last ten minutes that the provider refused for our key. Pages.", COUNT,
               (f'sum(increase({CALLS}{{outcome="our_key"}}[10m]))', "refused"), red_from=1, width=6),
        number("Without a usable answer", "Share of the calls of the last five minutes.", SHARE,
               (f'sum(rate({CALLS}{{outcome=~"transient|indeterminate|unreadable"}}[5m])) / sum(rate({CALLS}[5m]))', "share"), red_from=0.5, width=6),
        number("Not understood", "Answers of the last hour that this build does not know.", COUNT,
               (f'sum(increase({CALLS}{{outcome=~"unknown|mismatch|unreadable|bad_request"}}[1h]))', "answers"), red_from=5, width=6),
        number("Calls a second", "All calls but those that remove.", RATE, (f"sum(rate({CALLS}[$__rate_interval]))", "calls"), width=6),
    ),
    row(
        "Calls",
        lines("By outcome", "What the answer means to the fleet.", RATE, (f"sum by (outcome) (rate({CALLS}[$__rate_interval]))", "{{outcome}}"), width=12),
        lines("By route", "Which of the provider's interfaces is asked.", RATE, (f"sum by (route) (rate({CALLS}[$__rate_interval]))", "{{route}}"), width=12),
    ),
    row(
        "Time",
        lines("95 % by route", "From the request to the whole answer, whatever it was.", SECONDS,
              ("histogram_quantile(0.95, sum by (route, le) (rate(relink_provider_call_duration_seconds_bucket[$__rate_interval])))", "{{route}}"), width=12),
        lines("All routes", "Half, 95 % and 99 % of the calls answer within this time.", SECONDS,
              *((f"histogram_quantile({at}, sum by (le) (rate(relink_provider_call_duration_seconds_bucket[$__rate_interval])))", says)
                for at, says in ((0.5, "50 %"), (0.95, "95 %"), (0.99, "99 %"))), width=12),
    ),
    row(
        "What it says of sessions",
        lines("Losses", "Accounts lost a second, by the provider's words.", RATE,
              ('sum by (cause) (rate(relink_flips_total{cause=~"credentials|permissions|provider_error|confirmed_missing"}[$__rate_interval]))', "{{cause}}")),
        lines("Polls of missing sessions", "Each beside a control session.", RATE,
              ("sum by (answer) (rate(relink_confirm_polls_total[$__rate_interval]))", "{{answer}}")),
        lines("Breakers", "Mass changes that were stopped and wait for a person.", COUNT,
              ('max by (code) (relink_alerts_open{code=~"mass_change|missing_breaker|empty_list|unreadable_list|cursor_loop"})', "{{code}}")),
    ),
)
