//! The life of a pipe.

use std::{
    io::{self, Write},
    sync::mpsc::{self, RecvTimeoutError},
    time::Instant,
};

use super::{
    args::Args,
    input::{self, Message},
    lines::Lines,
    stage::Stage,
};
use crate::{
    alerts::SAVE_EVERY,
    bootstrap::{Bootstrap, spawn},
    command_error::CommandError,
};

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let bootstrap = Bootstrap::read(&args.engine, &args.delivery)?;
    let inputs = input::find(&args.logs)?;
    let (messages, received) = mpsc::sync_channel(input::QUEUED_BLOCKS);
    let stop = messages.clone();
    let state_dir = args.delivery.state_dir.as_deref();
    let (running, alerts) = bootstrap.start(state_dir, move || drop(stop.send(Message::Stop)))?;
    let mut stage = Stage::new(running.current.handle(), alerts);
    running.tell_started(None);
    spawn("input", move || input::read(inputs, &messages)).map_err(CommandError::Setup)?;

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
