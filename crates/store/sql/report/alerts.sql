select code, subject, times, last_at, detail from relink.admin_alerts where acked_at is null order by last_at desc limit $1
