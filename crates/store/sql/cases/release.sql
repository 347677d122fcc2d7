-- Lets stopped cases ($1) have their verdict from $2 on.
update relink.cases set released_at = $2 where id = any ($1) and stopped_at is not null and closed_at is null
