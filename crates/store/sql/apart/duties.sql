select duty as id from relink.duties order by duty
