-- Sessions of the longest of the newest $1 lists; before the first that held any, the accounts that should have one.
select coalesce(nullif((select max(n.sessions)
                          from (select r.sessions from relink.watch_runs r where r.listed_at is not null
                                 order by r.slot desc limit $1) n), 0),
                (select count(*) from relink.accounts a where a.session_id is not null)) as known
