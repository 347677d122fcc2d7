-- What the provider said of a session in words that we do not know, and of sources that its account can do without.

alter table relink.sessions_seen
    add column odd_words text[] not null default '{}',
    add column side_health text check (side_health in
        ('ok', 'connecting', 'stopped', 'error', 'permissions', 'credentials', 'unknown'));

-- Items of the list that could not be named. A few of them cost the cases of a run nothing, for a case asks for its own
-- session; with more the run is not whole, and absence from its list proves nothing.
alter table relink.watch_runs add column unnamed integer not null default 0;
