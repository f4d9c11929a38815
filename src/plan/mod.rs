//! Order, shards, counts, hashes.

pub mod record;
