//! Connections: how many there may be, of one peer too, and for how long.

use std::{
    future::{Future, poll_fn},
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep, sleep},
};
use tonic::{codegen::tokio_stream::Stream, transport::server::Connected};

use super::{
    farewell::Farewell,
    sender::{Patience, Sender},
};

/// How long to wait when the system has no descriptor or memory for another one.
const PAUSE: Duration = Duration::from_millis(10);

/// How often to tell of connections that were refused.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// The bounds of the connections of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) connections: usize,
    pub(crate) per_peer: usize,
    pub(crate) patience: Patience,
}

/// Accepts connections for as long as the process lives, whatever happens to
/// one.
#[derive(Debug)]
pub(crate) struct Listener {
    inner: Arc<TcpListener>,
    bounds: Bounds,
    places: Arc<Places>,
    pause: Option<Pin<Box<Sleep>>>,
    refused: u64,
    told: Option<Instant>,
}

/// A connection, which ends when it has had nothing to do for too long.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    patience: Patience,
    timer: Pin<Box<Sleep>>,
    place: Place,
    farewell: Farewell,
    /// Whether it ended here, and not at the other end.
    has_had_its_time: bool,
}

/// Who is connected.
#[derive(Debug, Default)]
struct Places(Mutex<Vec<(IpAddr, Arc<Sender>)>>);

/// A place among them, given back when dropped.
#[derive(Debug)]
struct Place {
    places: Arc<Places>,
    sender: Arc<Sender>,
}

impl Listener {
    pub(crate) fn new(inner: Arc<TcpListener>, bounds: Bounds) -> Self {
        let places = Arc::default();
        Self { inner, bounds, places, pause: None, refused: 0, told: None }
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<(Connection, SocketAddr)> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match ready!(self.inner.poll_accept(cx)) {
                Ok((stream, peer)) => {
                    if let Some(place) = self.places.admit(peer.ip().to_canonical(), self.bounds) {
                        // Without it an answer is only slower.
                        let _ = stream.set_nodelay(true);
                        let patience = self.bounds.patience;
                        let timer = Box::pin(sleep(patience.first_request));
                        let farewell = Farewell::default();
                        let has_had_its_time = false;
                        let connection = Connection {
                            stream,
                            patience,
                            timer,
                            place,
                            farewell,
                            has_had_its_time,
                        };
                        return Poll::Ready((connection, peer));
                    }
                    self.tell(&format!("{} is over a limit of connections", peer.ip()));
                }
                // The caller was gone before it was let in.
                Err(error) if is_of_one(&error) => {}
                Err(error) => {
                    self.places.dismiss_one(|_| true);
                    self.tell(&format!("cannot accept connections: {error}"));
                    self.pause = Some(Box::pin(sleep(PAUSE)));
                }
            }
        }
    }

    /// Says what was refused, and not for every one of a flood.
    fn tell(&mut self, reason: &str) {
        self.refused += 1;
        if self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            tracing::warn!(
                event = "signatures.connections_refused",
                refused = self.refused,
                "{reason}"
            );
            self.told = Some(Instant::now());
        }
    }
}

fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

impl Stream for Listener {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_accept(cx).map(|(connection, _)| Some(Ok(connection)))
    }
}

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

impl Places {
    /// A place for one more. Where there is none, who makes the least use of his
    /// gives way: who connects and says nothing keeps nobody out.
    fn admit(self: &Arc<Self>, peer: IpAddr, bounds: Bounds) -> Option<Place> {
        let of_peer = self.taken().iter().filter(|(ip, _)| *ip == peer).count();
        if of_peer >= bounds.per_peer && !self.dismiss_one(|ip| ip == peer) {
            return None;
        }
        if self.taken().len() >= bounds.connections && !self.dismiss_one(|_| true) {
            return None;
        }
        let sender = Arc::new(Sender::new());
        self.taken().push((peer, Arc::clone(&sender)));
        Some(Place { places: Arc::clone(self), sender })
    }

    /// Has one closed that has no work, and says whether there was one.
    fn dismiss_one(&self, among: impl Fn(IpAddr) -> bool) -> bool {
        let mut taken = self.taken();
        let candidates = taken.iter().enumerate().filter(|(_, (ip, _))| among(*ip));
        let useless =
            candidates.filter_map(|(index, (_, sender))| Some((sender.uselessness()?, index)));
        let Some((_, index)) = useless.min() else { return false };
        let (_, sender) = taken.swap_remove(index);
        drop(taken);
        sender.dismiss();
        true
    }

    fn taken(&self) -> MutexGuard<'_, Vec<(IpAddr, Arc<Sender>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().retain(|(_, sender)| !Arc::ptr_eq(sender, &self.sender));
    }
}

impl Connection {
    /// Fails when the connection has had its time; wakes the caller when it has.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let Some(deadline) = self.place.sender.deadline(self.patience, cx.waker()) else {
            return Ok(());
        };
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        match self.timer.as_mut().poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => {
                self.has_had_its_time = true;
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.has_had_its_time && !self.farewell.is_said() {
            self.place.sender.broke(Instant::now());
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = Arc<Sender>;

    fn connect_info(&self) -> Arc<Sender> {
        Arc::clone(&self.place.sender)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.farewell.push(&buffer.filled()[before..]);
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
