-- Where the mail server failed us stands with the notice that waits for it (R-LNK-7); until now an alert alone said so.

alter table relink.notices
    -- Of the last try to give its mail away; null where the server did not fail. Builds of before leave it as it is.
    add column trouble text check (trouble in ('connect', 'tls', 'login', 'sender'));

grant update (trouble) on relink.notices to relink_worker;
