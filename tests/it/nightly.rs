//! Runs night after night on growing lists: everybody is written to once for each thing there is to tell.

mod feedback;
mod harm;
mod million;
mod month;
mod nights;
mod reprints;
mod retention;
