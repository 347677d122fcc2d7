-- Instants that this server's clock cannot have reached yet are not believed. How far it has been seen to be is kept where the
-- lease is: a leader that comes after a jump of the clock can tell that it went back.
alter table relink.scheduler_lease add column latest_at timestamptz not null default '-infinity';
comment on column relink.scheduler_lease.latest_at is
    'The latest instant at which a scheduler took or renewed the lease; ahead of the clock only when that was set back.';
