//! Work on several threads, results in order.
//!
//! Enters: a number of jobs and what to do with each. Leaves: the results, in the jobs' order. Invariant: each worker is
//! an operating system thread with a rayon pool of its own: inside typst and krilla a thread that waits for its pool
//! would otherwise steal the next letter onto its own stack, again and again.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Deep wordings recurse in the layout engine.
const STACK_BYTES: usize = 16 << 20;

/// Runs `job` for each index below `count`.
pub fn run<R: Send>(threads: NonZeroUsize, count: usize, job: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<R>>> = (0..count).map(|_| Mutex::new(None)).collect();
    let work = || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = results.get(index) else { break };
            let result = job(index);
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        }
        drop(pool);
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.get().min(count))
            .map(|_| thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work))
            .collect();
        assert!(count == 0 || workers.iter().any(Result::is_ok), "no worker thread could be started");
    });
    results
        .into_iter()
        .map(|place| {
            place.into_inner().unwrap_or_else(PoisonError::into_inner).expect("every job was taken by a worker")
        })
        .collect()
}
