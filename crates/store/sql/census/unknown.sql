-- Sends of which nobody knows whether they happened, and when the first of them was called.
select count(*) as sends, min(sending_at) filter (where isfinite(sending_at)) as oldest from relink.sends where state = 'unknown'
