-- A pause that was committed since this transaction began to claim: what was claimed may be covered by it.
select exists (select from relink.pauses p
                where p.over_at > $1 and p.lifted_at is null
                  and not pg_visible_in_snapshot(p.xid, current_setting('relink.claimed_by')::pg_snapshot)) as paused
