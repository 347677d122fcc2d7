-- $1 accounts · $2 at
with flipped as (
    update relink.accounts set status = 'connected', status_since = $2, verified_at = $2, first_connected_at = $2,
           last_activity_at = $2
     where id = any ($1) returning id, status_version
)
insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
select id, status_version, $2, 'connecting', 'connected', 'imported', 'seed' from flipped
