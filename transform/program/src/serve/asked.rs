//! The pages of a relay that leads nowhere, asked with any bytes: for fuzzing.

use std::{future::pending, io, sync::Arc, time::Duration};

use axum::{Router, serve};
use clap::FromArgMatches;
use signatures_configuration::Contents;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    runtime::{Builder, Runtime},
};

use super::{
    access::Access, aggregation::Aggregation, args::Args, metrics, next_hop::NextHop,
    own_files::OwnFiles, relay::Relay, status::Pages,
};
use crate::bootstrap::{Bootstrap, State};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pages, and what answers for them.
pub struct AskedPages {
    pages: Router,
    runtime: Runtime,
}

impl AskedPages {
    /// Those of a relay that is started so.
    ///
    /// # Errors
    /// When it could not start.
    pub fn of(args: &[&str]) -> Result<Self, Box<dyn std::error::Error>> {
        let command = <Args as clap::Args>::augment_args(clap::Command::new("serve"));
        let args = Args::from_arg_matches(&command.try_get_matches_from(args)?)?;
        let config = args.config()?;
        let own_files = Arc::new(OwnFiles::open(&config)?);
        let bootstrap = Bootstrap::read_with(
            &args.engine.over(&config),
            &args.delivery.sinks,
            |_: &mut Contents| Ok(()),
        )?;
        let prometheus = metrics::install()?;
        let state = State { directory: None, is_required: false };
        let (running, raising) = bootstrap.start(state, || (), || ())?;
        let aggregation = Arc::new(Aggregation::new(raising));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let inside = runtime.enter();
        let next_hop = NextHop::new(&config.forward, Arc::clone(&own_files));
        let current = Arc::clone(&running.current);
        let pages = Pages {
            relay: Arc::new(Relay::new(current, aggregation, next_hop, config.limits)),
            running: Arc::new(running),
            prometheus,
            own_files,
            access: Arc::new(Access::new(&config.status.hosts)),
            metrics: config.status.metrics,
        };
        drop(inside);
        Ok(Self { pages: pages.router(), runtime })
    }

    /// All that is answered to these bytes, none when that takes too long.
    #[must_use]
    pub fn ask(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.runtime.block_on(async {
            let (mut asks, answers) = tokio::io::duplex(64 << 10);
            let listener = Once(Some(answers));
            let serving = tokio::spawn(serve(listener, self.pages.clone()).into_future());
            let asked = async {
                // It may have heard enough before the end.
                let _ = asks.write_all(bytes).await;
                let _ = asks.shutdown().await;
                let mut answer = Vec::new();
                let _ = asks.read_to_end(&mut answer).await;
                answer
            };
            let answer = tokio::time::timeout(PATIENCE, asked).await.ok();
            serving.abort();
            answer
        })
    }
}

/// One connection, and no other.
struct Once(Option<DuplexStream>);

impl serve::Listener for Once {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.take() {
            Some(stream) => (stream, ()),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
