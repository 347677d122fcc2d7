//! What `relink up` and `relink status` report, counted from the database.
