//! TLS around connections: each by the certificate that is in force when it begins.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    task::JoinSet,
};
use tokio_rustls::server::TlsStream;
use tonic::{codegen::tokio_stream::Stream, transport::server::Connected};

use super::own_files::OwnFiles;
use crate::net::{Connection, Listener, Sender};

/// Connections that requests may come by.
#[derive(Debug)]
pub(super) struct Incoming {
    listener: Listener,
    own_files: Arc<OwnFiles>,
    /// A connection ends itself when this takes too long.
    handshakes: JoinSet<io::Result<TlsStream<Connection>>>,
}

/// A connection, with TLS or without.
#[derive(Debug)]
pub(super) enum Secured {
    Plain(Connection),
    Tls(Box<TlsStream<Connection>>),
}

impl Incoming {
    pub(super) fn new(listener: Listener, own_files: Arc<OwnFiles>) -> Self {
        Self { listener, own_files, handshakes: JoinSet::new() }
    }
}

impl Stream for Incoming {
    type Item = io::Result<Secured>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match self.handshakes.poll_join_next(cx) {
                Poll::Ready(Some(Ok(Ok(stream)))) => {
                    return Poll::Ready(Some(Ok(Secured::Tls(Box::new(stream)))));
                }
                // It came to nothing.
                Poll::Ready(Some(_)) => continue,
                Poll::Ready(None) | Poll::Pending => {}
            }
            let Some(connection) = ready!(Pin::new(&mut self.listener).poll_next(cx)) else {
                return Poll::Ready(None);
            };
            match (connection, self.own_files.tls()) {
                (Ok(connection), Some(tls)) => {
                    self.handshakes.spawn(async move { tls.accept(connection).await });
                }
                (connection, _) => return Poll::Ready(Some(connection.map(Secured::Plain))),
            }
        }
    }
}

impl Connected for Secured {
    type ConnectInfo = Arc<Sender>;

    fn connect_info(&self) -> Arc<Sender> {
        match self {
            Self::Plain(connection) => connection.connect_info(),
            Self::Tls(stream) => stream.get_ref().0.connect_info(),
        }
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_write_vectored(cx, buffers),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, buffers),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(connection) => connection.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
