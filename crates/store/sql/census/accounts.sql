select status::text as word, count(*) as count from relink.accounts group by status
