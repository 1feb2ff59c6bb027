//! The life of a pipe.

use std::{
    io::{self, Write},
    sync::mpsc::{self, RecvTimeoutError},
    time::Instant,
};

use super::{
    args::Args,
    input::{self, Message, Reading},
    lines::Lines,
    stage::Stage,
};
use crate::{alerts::SAVE_EVERY, bootstrap::Bootstrap, command_error::CommandError, tasks::TASKS};

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let bootstrap = Bootstrap::read(&args.engine, &args.delivery)?;
    let inputs = input::find(&args.logs)?;
    let (messages, received) = mpsc::sync_channel(input::QUEUED_BLOCKS);
    let (stop, replaced) = (messages.clone(), messages.clone());
    let stop = move || drop(stop.send(Message::Stop));
    // Where there is no room, lines wait, with which it is looked for anyway.
    let replaced = move || drop(replaced.try_send(Message::Reloaded));
    let state_dir = args.delivery.state_dir.as_deref();
    let (running, alerts) = bootstrap.start(state_dir, stop, replaced)?;
    let mut stage = Stage::new(running.current.handle(), alerts);
    running.tell_started(None);
    let mut reading = Reading::new(inputs, messages);
    TASKS.spawn_thread("input", move || reading.run()).map_err(CommandError::Setup)?;

    let start = Instant::now();
    let mut lines = Lines::new(io::stdout().lock());
    let ended = pump(&received, &mut lines, &mut stage);
    // Alerts that were decided are delivered however it ended.
    stage.shut_down();
    match ended {
        // Whoever read the output has seen enough.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            return Ok(());
        }
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    if !args.quiet {
        let summary = stage.summary(start.elapsed(), running.current.reloads());
        let _ = writeln!(io::stderr().lock(), "{summary}");
    }
    Ok(())
}

/// Judges what is read until it ends, or somebody asks to stop. An input that
/// cannot be read is told at once, and others are gone on with.
fn pump(
    received: &mpsc::Receiver<Message>,
    lines: &mut Lines<impl Write>,
    stage: &mut Stage,
) -> Result<(), CommandError> {
    let mut failed = None;
    loop {
        // Nothing is waiting: whoever reads the output should not either.
        let message = match received.try_recv() {
            Ok(message) => message,
            Err(_) => {
                lines.flush().map_err(CommandError::Output)?;
                match received.recv_timeout(SAVE_EVERY) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Disconnected) => Message::Stop,
                    Err(RecvTimeoutError::Timeout) => {
                        stage.deliver();
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
                        tracing::error!("{error}");
                        CommandError::Incomplete
                    }
                });
                lines.end(stage)
            }
            Message::Stop => {
                lines.end(stage).and_then(|()| lines.flush()).map_err(CommandError::Output)?;
                return failed.map_or(Ok(()), Err);
            }
        }
        .map_err(CommandError::Output)?;
        stage.deliver();
    }
}
