"""Gates, cases, the audit."""

from panels import COUNT, FLAG, SECONDS, board, lines, number, row

NOW = "scalar(max(relink_census_timestamp_seconds))"

BOARD = board(
    "relink-safety",
    "Relink: safety",
    "The record and its guards, the six gates before a removal, and the cases that lead to one.",
    row(
        "The record",
        number("Unpaired", "Changes of status without their audit row, or the other way round. Must be 0; anything else is an incident.", COUNT,
               ("max(relink_audit_unpaired)", "unpaired"), red_from=1, width=6),
        number("Guards missing", "Triggers and functions that are not as the migrations wrote them (gate 6). Must be 0.", COUNT,
               ("max(relink_guards_missing)", "missing"), red_from=1, width=6),
        number("Latch", "1: every removal is stopped until a person clears it (gate 2).", FLAG,
               ("max(relink_removal_latch_tripped)", "tripped"), red_from=1, width=6),
        number("Flag ends in", "How long removals are still allowed (gate 5). 0: they are not.", SECONDS,
               (f"clamp_min(max(relink_removal_flag_ends_timestamp_seconds) - {NOW}, 0)", "left"), red_from=1, width=6),
    ),
    row(
        "Gates",
        lines("Gates of the fleet", "1: this gate would let a removal pass now. The switch is a process's and the looks are a session's.", FLAG,
              ("max by (gate) (relink_removal_gate_open)", "{{gate}}")),
        lines("Kill switch", "1: removals pass gate 1 in this process.", FLAG, ("relink_removals_enabled", "{{instance}}")),
        lines("Suspects and permits", "Sessions suspected gone in 24 hours (5 are the most), and removals permitted in 24 hours (3 are the most).", COUNT,
              ("max(relink_removal_suspects)", "suspects"), ("max(relink_removal_intents)", "permits")),
    ),
    row(
        "Removals",
        lines("On record", "All removals ever asked for, by where they stand.", COUNT, ("max by (state) (relink_removals)", "{{state}}")),
        lines("Attempts", "By their verdict.", COUNT, ("sum by (verdict) (increase(relink_removal_attempts_total[$__rate_interval]))", "{{verdict}}")),
        lines("Refused by gate", "One attempt may be refused by several.", COUNT,
              ("sum by (gate) (increase(relink_removal_refusals_total[$__rate_interval]))", "{{gate}}")),
        lines("Calls", "Permitted removals by whether the request left this machine.", COUNT,
              ("sum by (sent) (increase(relink_removal_calls_total[$__rate_interval]))", "sent: {{sent}}"), width=12),
        lines("Ended", "How removals ended.", COUNT, ("sum by (state) (increase(relink_removals_ended_total[$__rate_interval]))", "{{state}}"), width=12),
    ),
    row(
        "Cases",
        lines("Cases", "Open ones, and those of the last 24 hours by their verdict.", COUNT, ("max by (state) (relink_cases)", "{{state}}")),
        lines("Opened and closed", "Cases of sessions that a whole list did not hold.", COUNT,
              ("sum(increase(relink_cases_opened_total[$__rate_interval]))", "opened"),
              ("sum by (verdict) (increase(relink_cases_closed_total[$__rate_interval]))", "closed: {{verdict}}")),
        lines("Polls", "Each beside a control. Only `gone` beside a good control counts.", COUNT,
              ("sum by (answer) (increase(relink_confirm_polls_total[$__rate_interval]))", "{{answer}}")),
    ),
    row(
        "What people are told",
        lines("Alerts of removals and of identity", "Open ones, by code.", COUNT,
              ('max by (code) (relink_alerts_open{code=~"removal_.*|wrong_account|session_claimed|duplicate_sessions|ghost_sessions"})', "{{code}}"), width=12),
        lines("Alerts of the record", "Open ones, by code.", COUNT,
              ('max by (code) (relink_alerts_open{code=~"forbidden_transition|audit_partitions|mass_change|missing_breaker|empty_list"})', "{{code}}"), width=12),
    ),
)
