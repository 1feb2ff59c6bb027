//! Tells when the automata of the patterns take more than they may.

use std::{io, thread, time::Duration};

use signatures_engine::{AUTOMATA_LIMIT, Automata, automata};

use crate::tasks::TASKS;

/// How often it is told, at most.
const PERIOD: Duration = Duration::from_secs(60);

/// Tells now and then, on a thread of its own, how many were discarded since.
///
/// # Errors
/// When there is no thread to be had.
pub(crate) fn watch() -> io::Result<()> {
    let mut told = automata().discarded;
    TASKS.spawn_thread("automata", move || {
        loop {
            thread::sleep(PERIOD);
            let Automata { bytes, discarded } = automata();
            if discarded > told {
                tracing::warn!(
                    event = "signatures.automata_discarded",
                    discarded = discarded - told,
                    bytes,
                    limit = AUTOMATA_LIMIT,
                    "the automata of the patterns take more memory than they may together: some \
                     are built anew again and again, and matching is slower; make repeated \
                     classes such as \\w{{40}} shorter"
                );
            }
            told = discarded;
        }
    })
}
