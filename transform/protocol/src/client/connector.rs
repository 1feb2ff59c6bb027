//! A connection with TLS, by the files as they are when it begins.

use std::{
    error::Error,
    fmt,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio_rustls::TlsConnector;
use tonic::codegen::{Service, http::Uri};

use super::{
    attentive::{Attentive, LastWords},
    kept_files::KeptFiles,
    reason::chain,
    tls::{Tls, TlsError},
};

/// Connects to one server. A certificate that is renewed on disk is shown by the
/// next connection.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector,
    uri: Uri,
    name: ServerName<'static>,
    tls: Arc<RenewedTls>,
    words: LastWords,
}

impl Connector {
    /// For the host of a URL.
    ///
    /// # Errors
    /// When a file cannot be used, or the name is none.
    pub(super) fn new(uri: Uri, tls: Tls, files: &KeptFiles) -> Result<Self, TlsError> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = tls.server_name.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| TlsError::Name { name: name.to_owned() })?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Ok(Self {
            tcp,
            uri,
            name,
            tls: Arc::new(RenewedTls::new(tls, files)?),
            words: LastWords::default(),
        })
    }

    /// Why the latest connection was ended, if TLS said so.
    pub(super) fn last_words(&self) -> Option<String> {
        self.words.said()
    }
}

type Boxed = Box<dyn Error + Send + Sync>;
type Connecting = Pin<Box<dyn Future<Output = Result<TokioIo<Attentive>, Boxed>> + Send>>;

impl Service<Uri> for Connector {
    type Response = TokioIo<Attentive>;
    type Error = Boxed;
    type Future = Connecting;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Boxed>> {
        self.tcp.poll_ready(cx).map_err(Into::into)
    }

    /// Whatever address the channel has: it is given one without TLS, or it would
    /// want to do that itself.
    fn call(&mut self, _: Uri) -> Connecting {
        let tcp = self.tcp.call(self.uri.clone());
        let (name, tls) = (self.name.clone(), Arc::clone(&self.tls));
        let words = self.words.clone();
        words.forget();
        Box::pin(async move {
            let tcp = tcp.await?.into_inner();
            let (config, stale) = tls.now().await;
            // HTTP/2 is all that is spoken: also with who does not name it.
            let connected = TlsConnector::from(config).connect(name, tcp).await;
            match (connected, stale) {
                (Ok(stream), _) => Ok(TokioIo::new(Attentive::new(stream, words))),
                (Err(error), None) => Err(error.into()),
                (Err(error), Some(stale)) => Err(Stale { error, stale }.into()),
            }
        })
    }
}

/// TLS by files that may be written anew at any time.
struct RenewedTls {
    tls: Tls,
    /// What was last found to be of use.
    taken: Mutex<Taken>,
    /// Held by who looks at the files.
    looking: Mutex<()>,
}

#[derive(Clone)]
struct Taken {
    files: Arc<KeptFiles>,
    config: Arc<ClientConfig>,
}

impl RenewedTls {
    fn new(tls: Tls, files: &KeptFiles) -> Result<Self, TlsError> {
        let config = Arc::new(tls.client(files)?);
        // Of those that are read for others as well.
        let files = Arc::new(files.only(tls.files()));
        Ok(Self { tls, taken: Mutex::new(Taken { files, config }), looking: Mutex::default() })
    }

    /// What holds now: of files that are half written, what they said before, and
    /// what is wrong with them.
    async fn now(self: Arc<Self>) -> (Arc<ClientConfig>, Option<TlsError>) {
        if self.taken().files.may_change() {
            // The files may be on a disk that hangs.
            let this = Arc::clone(&self);
            let looked = tokio::task::spawn_blocking(move || this.look()).await;
            // A panic is told by its hook.
            return (self.taken().config, looked.unwrap_or(Ok(())).err());
        }
        (self.taken().config, None)
    }

    /// Takes what the files say now, if that is something else; leaves it to who
    /// does so already.
    fn look(&self) -> Result<(), TlsError> {
        let Ok(_alone) = self.looking.try_lock() else { return Ok(()) };
        let files = self.taken().files.read_again()?;
        if files != *self.taken().files {
            let config = Arc::new(self.tls.client(&files)?);
            *lock(&self.taken) = Taken { files: Arc::new(files), config };
        }
        Ok(())
    }

    fn taken(&self) -> Taken {
        lock(&self.taken).clone()
    }
}

/// No change is left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that failed while newer files could not be taken.
#[derive(Debug)]
struct Stale {
    error: io::Error,
    stale: TlsError,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { error, stale } = self;
        write!(f, "{}; the files of TLS as they are now cannot be used: {stale}", chain(error))
    }
}

impl Error for Stale {}
