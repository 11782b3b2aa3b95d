//! Threads that compute and draw, apart from those that answer.
//!
//! How long a draw takes depends on what is drawn. On threads of their own draws delay nobody's
//! answer but their own, and that one waits for the end of its slot.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// A few threads and their queue. They end with it.
pub(crate) struct Workers(Sender<Work>);

impl Workers {
    /// As many as two questions and a release plan keep busy.
    const THREADS: usize = 3;

    pub(crate) fn new() -> Self {
        let (queue, waiting) = channel::<Work>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..Self::THREADS {
            let waiting = Arc::clone(&waiting);
            let named = std::thread::Builder::new().name("draw".into());
            // Without any thread the queue is closed and everything is answered as failed.
            drop(named.spawn(move || work(&waiting)));
        }
        Self(queue)
    }

    /// Runs `work`; the receiver fails where it panics or cannot be run.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (done, result) = oneshot::channel();
        let work = move || {
            // Nobody waits any more for what comes too late.
            let _ = done.send(work());
        };
        // A closed queue drops `done`, which the receiver sees.
        let _ = self.0.send(Box::new(work));
        result
    }
}

fn work(waiting: &Mutex<Receiver<Work>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(next) = next else { return };
        // The sender inside is dropped by a panic; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(next));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_fails_alone() {
        let workers = Workers::new();
        for _ in 0..2 * Workers::THREADS {
            let failed = workers.run(|| assert!(std::env::args().count() > 1_000_000));
            assert!(failed.await.is_err());
        }
        let thread = workers.run(|| std::thread::current().name().map(str::to_owned));
        assert_eq!(thread.await.unwrap().as_deref(), Some("draw"));
    }
}
