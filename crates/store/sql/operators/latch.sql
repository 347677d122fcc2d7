select l.tripped_at, l.why from relink.removal_latch l
