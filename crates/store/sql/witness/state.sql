select w.number, w.raised_at, relink.is_original() as is_original, w.copy_since, w.copy_why from relink.witness w
