//! Worlds, fonts, bodies, covers, workers, checks of finished pages.

pub mod fit;
pub mod fonts;
pub mod geometry;
pub mod marker;
pub mod world;
