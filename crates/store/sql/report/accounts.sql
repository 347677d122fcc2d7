select status::text as status, status_since from relink.accounts
