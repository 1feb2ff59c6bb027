//! A stream that keeps what TLS said when it ended: a server refuses a certificate
//! after the handshake, and HTTP/2 says no more of it than that a connection closed.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

use super::tls_words::tls_words;

/// Why the latest connection was ended, if TLS said so.
#[derive(Clone, Debug, Default)]
pub(super) struct LastWords(Arc<Mutex<Option<String>>>);

impl LastWords {
    /// What was said of the latest connection.
    pub(super) fn said(&self) -> Option<String> {
        self.words().clone()
    }

    /// Another connection begins.
    pub(super) fn forget(&self) {
        *self.words() = None;
    }

    fn words(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that hears them.
#[derive(Debug)]
pub(super) struct Attentive {
    stream: TlsStream<TcpStream>,
    words: LastWords,
}

impl Attentive {
    pub(super) fn new(stream: TlsStream<TcpStream>, words: LastWords) -> Self {
        Self { stream, words }
    }

    /// Keeps what a failure to read says.
    fn hear(&self, read: &Poll<io::Result<()>>) {
        if let Poll::Ready(Err(error)) = read
            && let Some(said) = tls_words(error)
        {
            *self.words.words() = Some(said);
        }
    }

    /// After a failure to write, hears what the other side may have said before it
    /// closed.
    fn ask<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(_)) = &written {
            let mut unread = [0; 1024];
            let read = Pin::new(&mut self.stream).poll_read(cx, &mut ReadBuf::new(&mut unread));
            self.hear(&read);
        }
        written
    }
}

impl AsyncRead for Attentive {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.hear(&read);
        read
    }
}

impl AsyncWrite for Attentive {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.ask(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.ask(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        self.ask(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
