//! Order, shards, counts, hashes.

pub mod files;
pub mod letters;
pub mod order;
pub mod record;
pub mod seeds;
