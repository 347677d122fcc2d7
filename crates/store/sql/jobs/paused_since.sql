-- $1 at
-- A pause that was committed since this transaction claimed by closing: what it claimed may be covered. A claim that found
-- nothing has remembered nothing. A number that this server has not reached was written by another, from which the row was
-- restored: that pause is older than any claim here.
select exists (select from relink.pauses p
                where p.over_at > $1 and p.lifted_at is null
                  and p.xid < pg_snapshot_xmax(pg_current_snapshot())
                  and not pg_visible_in_snapshot(p.xid, nullif(current_setting('relink.claimed_by', true), '')::pg_snapshot)) as paused
