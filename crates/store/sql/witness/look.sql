select w.number, w.marks, w.raised_at, w.is_here, w.is_of_cluster, w.copy_why, w.is_adopting, relink.clock_rate() as rate
  from relink.look_at_witness() w
