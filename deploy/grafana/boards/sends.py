"""Caps and sends."""

from panels import COUNT, RATE, SECONDS, SHARE, board, lines, number, row

BOARD = board(
    "relink-sends",
    "Relink: caps and sends",
    "What is sent, what is refused and by whom, how full caps are, and which outcomes are unknown.",
    row(
        "Now",
        number("Sent in 24 hours", "By the workers' counters.", COUNT, ('sum(increase(relink_sends_total{state="sent"}[24h]))', "sent")),
        number("Share that fails", "Refused or failed, of the sends of the last hour.", SHARE,
               ('sum(increase(relink_sends_total{state=~"failed|refused"}[1h])) / sum(increase(relink_sends_total{state=~"sent|failed|refused|unknown"}[1h]))', "share"),
               red_from=0.2),
        number("Unknown outcomes", "Sends of which nobody knows whether they happened. They keep their place under the caps.", COUNT,
               ("max(relink_sends_unknown)", "unknown")),
        number("Oldest unknown", "Since when the oldest was called. After a day of looking it stays and is alerted.", SECONDS,
               ("max(relink_sends_unknown_oldest_age_seconds)", "age")),
        number("Accounts at a cap", "Accounts that used all of their day's cap of an action.", COUNT,
               ('sum(max by (action) (relink_cap_accounts{used="100"}))', "accounts")),
        number("Accounts held", "Accounts that a hold keeps from sending.", COUNT,
               ("sum(max by (reason) (relink_accounts_held))", "held")),
    ),
    row(
        "Sends",
        lines("Ends of sends", "A second, by the state that they ended in.", RATE,
              ("sum by (state) (rate(relink_sends_total[$__rate_interval]))", "{{state}}")),
        lines("Refused by the provider", "By what its refusal means. `account_cap`: our caps are wider than its limits.", RATE,
              ("sum by (reason) (rate(relink_send_refusals_total[$__rate_interval]))", "{{reason}}")),
        lines("Refused by the database", "Reservations that broke a rule: races, caught where they must be.", RATE,
              ("sum by (rule) (rate(relink_send_denials_total[$__rate_interval]))", "{{rule}}")),
    ),
    row(
        "Caps",
        lines("How full", "Accounts that sent in the last 24 hours, by how much of their day's cap is used, in percent.", COUNT,
              ("sum by (used) (max by (action, used) (relink_cap_accounts))", "{{used}} %")),
        lines("Full caps by action", "Accounts with nothing left today, and what accounts did by hand today, which is subtracted.", COUNT,
              ('max by (action) (relink_cap_accounts{used="100"})', "{{action}}"),
              ("max by (action) (relink_sends_by_hand)", "{{action}} by hand")),
        lines("Cooling down", "Actions that the provider refused for a whole account.", COUNT,
              ("sum by (action) (increase(relink_send_cooldowns_total[$__rate_interval]))", "{{action}}")),
    ),
    row(
        "Holds and unknown outcomes",
        lines("Held by reason", "By reason, as the database has it now.", COUNT, ("max by (reason) (relink_accounts_held)", "{{reason}}")),
        lines("New holds", "By reason.", COUNT, ("sum by (reason) (increase(relink_holds_total[$__rate_interval]))", "{{reason}}")),
        lines("Unknown and given up", "Sends that are looked for, and those of them that were given up and alerted.", COUNT,
              ("max(relink_sends_unknown)", "unknown"), ('max(relink_alerts_open{code="send_unclear"})', "given up, open alerts")),
    ),
    row(
        "Campaigns",
        lines("Paused", "Campaigns with a pause by reason.", COUNT, ("max by (reason) (relink_campaigns_paused)", "{{reason}}"), width=12),
        lines("Healed", "Campaigns whose pause for lost senders was lifted.", COUNT,
              ("sum(increase(relink_campaigns_healed_total[$__rate_interval]))", "healed"), width=12),
    ),
)
