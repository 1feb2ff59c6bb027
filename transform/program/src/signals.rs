//! What the operating system asks of the process.

use std::{
    io,
    sync::{Arc, atomic::AtomicBool, mpsc::Sender},
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
    iterator::Signals,
};

use crate::tasks::TASKS;

/// Listens on a thread of its own: SIGHUP wakes the reload, SIGTERM and SIGINT
/// call `stop` once. A second one of these ends the process at once, should it
/// be stuck.
pub(crate) fn listen(reload: Sender<()>, stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // The order counts: the second signal finds the flag that the first set.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&stopping))?;
        flag::register(signal, Arc::clone(&stopping))?;
    }
    let mut signals = Signals::new([SIGHUP, SIGTERM, SIGINT])?;
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
