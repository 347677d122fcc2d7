//! `relink doctor`: a healthy set-up is called healthy, and each of many broken ones is named with what to do.

mod broken_database;
mod broken_queues;
mod broken_settings;
mod certificates;
mod healthy;
mod mail;
mod patient;
mod poolers;
mod private;
mod ward;
