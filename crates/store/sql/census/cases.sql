-- Open cases, and those closed since $1 by their verdict.
select 'open' as word, count(*) as count from relink.cases where closed_at is null
union all
select verdict, count(*) from relink.cases where closed_at > $1 group by verdict
