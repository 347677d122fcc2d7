select w.name, w.beats, w.lost_at is not null as is_lost from relink.workers w
