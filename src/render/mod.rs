//! Worlds, fonts, bodies, covers, workers, checks of finished pages.

pub mod bodies;
pub mod check;
pub mod copy;
pub mod covers;
pub mod facsimile;
pub mod fault;
pub mod fit;
pub mod fonts;
pub mod geometry;
pub mod marker;
pub mod measure;
mod outlines;
pub mod paragraphs;
pub mod picture;
pub mod rehearsal;
pub mod shard;
pub mod workers;
pub mod world;
