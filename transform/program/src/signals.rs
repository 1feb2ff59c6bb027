//! What the operating system asks of the process.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
    iterator::Signals,
};

use crate::tasks::TASKS;

/// A SIGHUP that came before anybody listens.
#[derive(Debug, Default)]
pub(crate) struct EarlyReload(Arc<AtomicBool>);

/// Takes note of a SIGHUP from now on, which would end a process that is about to
/// start.
pub(crate) fn hold_reload() -> io::Result<EarlyReload> {
    let early = EarlyReload::default();
    flag::register(SIGHUP, Arc::clone(&early.0))?;
    Ok(early)
}

/// Listens on a thread of its own: SIGHUP wakes the reload, SIGTERM and SIGINT
/// call `stop` once. A second one of these ends the process at once, should it
/// be stuck. What came before counts as if it came now.
pub(crate) fn listen(
    early: &EarlyReload,
    reload: Sender<()>,
    stop: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // The order counts: the second signal finds the flag that the first set.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stopping))?;
        flag::register(signal, Arc::clone(&stopping))?;
    }
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT])?;
    if early.0.load(Ordering::Relaxed) {
        // As below.
        let _ = reload.send(());
    }
    let mut stop = Some(stop);
    TASKS.spawn_thread("signals", move || {
        for signal in signals.forever() {
            if signal == SIGHUP {
                // Nobody reloads any more once the process is on its way out.
                let _ = reload.send(());
            } else if let Some(stop) = stop.take() {
                stop();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_reload_that_is_asked_for_at_the_start_is_done_and_ends_nothing() {
        let early = hold_reload().unwrap();
        signal_hook::low_level::raise(SIGHUP).unwrap();
        let (reload, reloads) = mpsc::channel();
        listen(&early, reload, || ()).unwrap();
        assert_eq!(reloads.recv(), Ok(()));
        signal_hook::low_level::raise(SIGHUP).unwrap();
        assert_eq!(reloads.recv(), Ok(()));
    }
}
