select greatest((select count(*) from relink.accounts), (select count(*) from relink.campaigns)) as rows
