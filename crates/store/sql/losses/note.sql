-- $1 kind · $2 cause · $3 losses · $4 at
insert into relink.loss_counts (kind, cause, at, losses)
select kind, cause, $4, losses
  from unnest($1::text[], $2::text[], $3::bigint[]) as c(kind, cause, losses)
