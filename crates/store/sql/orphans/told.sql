-- What operators were told of these subjects ($1) under these codes ($2), acknowledged or not.
select t.code, t.subject, t.detail from relink.admin_alerts t where t.subject = any ($1) and t.code = any ($2)
