//! The life of a pipe.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_configuration::Contents;
use signatures_document::Unusable;

use super::{
    args::{Args, When},
    input::{self, Message, Reading},
    lines::Lines,
    output::Output,
    stage::Stage,
    status::Status,
};
use crate::{
    bootstrap::{Addresses, Bootstrap, State},
    command_error::CommandError,
    delivery::KEEP_EVERY,
    standard_error::STANDARD_ERROR,
    tasks::TASKS,
    web::{self, Host, KeyFiles},
};

/// What becomes of files that cannot be used.
const NOT_TAKEN: &str = "the tokens are not taken over, what is in force stays";

/// For how long more of an event is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let keys = Arc::new(KeyFiles::open(&args.status)?);
    let looked_at = Arc::clone(&keys);
    let look = move |noted: &mut Contents| {
        let looked = looked_at.look(noted);
        looked.map_err(|error| Unusable { errors: vec![format!("{NOT_TAKEN}: {error}")] })
    };
    let bootstrap = Bootstrap::read_with(&args.engine, &args.delivery.sinks, look)?;
    let inputs = input::find(&args.logs)?;
    let (messages, received) = mpsc::sync_channel(input::QUEUED_BLOCKS);
    let (stop, replaced, told) = (messages.clone(), messages.clone(), messages.clone());
    // Where there is no room, lines wait, with which it is noticed anyway.
    let output = Output::new(io::stdout(), move || drop(told.try_send(Message::Stop)));
    let output = output.map_err(CommandError::Setup)?;
    let stop_output = output.stop();
    let stop = move || {
        stop_output.begin();
        drop(stop.send(Message::Stop));
    };
    // Where there is no room, lines wait, with which it is looked for anyway.
    let replaced = move || drop(replaced.try_send(Message::Reloaded));
    let state = State {
        directory: args.delivery.state_dir.as_deref(),
        is_required: args.delivery.state_dir_required,
    };
    let (running, alerts) = bootstrap.start(state, stop, replaced)?;
    let (status, address) = match &args.status.status {
        None => (None, None),
        Some(address) => {
            let status = Arc::new(Status::new(running.clone(), keys, alerts.as_ref()));
            let host: Arc<dyn Host> = Arc::<Status>::clone(&status);
            let address = web::listen(address, host)?;
            (Some(status), Some(address))
        }
    };
    let mut stage = Stage::new(running.current.handle(), alerts, args.shape(), status);
    running.tell_started(&Addresses { status: address.as_deref(), ..Addresses::default() });
    let mut lines = Lines::new(output, args.multiline == When::Auto);
    let mut reading = Reading::new(inputs, messages);
    TASKS.spawn_thread("input", move || reading.run()).map_err(CommandError::Setup)?;

    let start = Instant::now();
    let ended = pump(&received, &mut lines, &mut stage);
    let written = lines.out.finish();
    let reloads = running.current.reloads();
    let mut summary = stage.summary(start.elapsed(), reloads, lines.joined()).to_string();
    if running.files.has_built_in_taxonomy() {
        summary += &format!(", by the {}", running.files);
    }
    let alerts = stage.alerts();
    // Alerts that were decided are delivered however it ended.
    let delivered = stage.shut_down();
    if let Some(fault) = &delivered.state_directory_fault {
        summary += &format!(", {fault}");
    }
    match ended.and(written).map_err(|error| with_unjudged(error, &received)) {
        // Whoever read the output has seen enough.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return delivered.into_result();
        }
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    if !args.quiet {
        if let Some(alerts) = alerts.filter(|alerts| !alerts.is_empty()) {
            STANDARD_ERROR.tell(format!("\n{alerts}\n").into_bytes());
        }
        STANDARD_ERROR.tell(format!("{summary}\n").into_bytes());
    }
    delivered.into_result()?;
    TASKS.given_up().map_or(Ok(()), |task| Err(CommandError::TaskGivenUp(task)))
}

/// Judges what is read until it ends, or somebody asks to stop. An input that
/// cannot be read is told at once, and others are gone on with.
fn pump(
    received: &Receiver<Message>,
    lines: &mut Lines<Output>,
    stage: &mut Stage,
) -> Result<(), CommandError> {
    let mut failed = None;
    loop {
        // Nothing is waiting: whoever reads the output should not either.
        let message = match received.try_recv() {
            Ok(message) => message,
            Err(_) => {
                send(lines, stage)?;
                let waits = lines.is_waiting();
                match received.recv_timeout(if waits { LONGEST_WAIT } else { KEEP_EVERY }) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Disconnected) => Message::Stop,
                    Err(RecvTimeoutError::Timeout) => {
                        stage.refresh();
                        lines.expire(Timestamp::now(), stage).map_err(CommandError::Output)?;
                        continue;
                    }
                }
            }
        };
        match message {
            Message::Bytes(block) => lines.push(&block, stage),
            Message::Reloaded => {
                stage.refresh();
                Ok(())
            }
            Message::EndOfInput => lines.end(stage),
            Message::Failed { name, error, is_last } => {
                let error = CommandError::Input { name, error };
                failed = Some(match is_last {
                    true => error,
                    false => {
                        tracing::error!(event = "signatures.input_failed", "{error}");
                        CommandError::Incomplete
                    }
                });
                lines.end(stage)
            }
            Message::Stop => {
                lines.end(stage).map_err(CommandError::Output)?;
                send(lines, stage)?;
                return failed.map_or(Ok(()), Err);
            }
        }
        .map_err(CommandError::Output)?;
        if lines.out.is_full(stage.has_changes()) {
            send(lines, stage)?;
        }
    }
}

/// Sends what was judged on its way.
fn send(lines: &mut Lines<Output>, stage: &mut Stage) -> Result<(), CommandError> {
    lines.out.send(stage.submit())
}

/// Says of an output that nobody read, too, how much was read and is not judged.
fn with_unjudged(error: CommandError, received: &Receiver<Message>) -> CommandError {
    let bytes = |message| if let Message::Bytes(block) = message { block.bytes.len() } else { 0 };
    match error {
        CommandError::Unread { lines, bytes: judged, .. } => {
            let unjudged = received.try_iter().map(bytes).sum();
            CommandError::Unread { lines, bytes: judged, unjudged }
        }
        other => other,
    }
}
