//! The pages of a relay that leads nowhere, asked with any bytes: for fuzzing.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use clap::FromArgMatches;
use signatures_configuration::Contents;
use tokio::runtime::{Builder, Runtime};

use super::{
    aggregation::Aggregation, args::Args, config::MetricsAccess, metrics, next_hop::NextHop,
    own_files::OwnFiles, relay::Relay, status::Status,
};
use crate::{
    bootstrap::{Bootstrap, State},
    web::{self, Access, Pages},
};

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pages, and what answers for them.
pub struct AskedPages {
    address: SocketAddr,
    /// What the relay behind them was made in.
    _runtime: Runtime,
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
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let inside = runtime.enter();
        let next_hop = NextHop::new(&config.forward, Arc::clone(&own_files));
        let current = Arc::clone(&running.current);
        let status = Status {
            relay: Arc::new(Relay::new(current, aggregation, next_hop, config.limits)),
            running: Arc::new(running),
            prometheus,
            own_files,
        };
        drop(inside);
        let pages = Pages {
            host: Arc::new(status),
            access: Access::new(&config.status.hosts),
            open_metrics: config.status.metrics == MetricsAccess::Open,
        };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        web::serve(listener, pages)?;
        Ok(Self { address, _runtime: runtime })
    }

    /// All that is answered to these bytes.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub fn ask(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // It may have heard enough before the end.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
            _ => Ok(answer),
        }
    }
}
