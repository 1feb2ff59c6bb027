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
    /// A failure to write, told when what the other side has said was heard.
    failed: Option<io::Error>,
}

impl Attentive {
    pub(super) fn new(stream: TlsStream<TcpStream>, words: LastWords) -> Self {
        Self { stream, words, failed: None }
    }

    /// Keeps what a failure to read says.
    fn hear(&self, read: &Poll<io::Result<()>>) {
        if let Poll::Ready(Err(error)) = read
            && let Some(said) = tls_words(error)
        {
            *self.words.words() = Some(said);
        }
    }

    /// After a failure to write, hears what the other side has said before it closed:
    /// that may lie unread, and the runtime not know of it yet.
    fn ask<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let Poll::Ready(Err(error)) = written else { return written };
        let mut unread = [0; 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut unread);
            let read = Pin::new(&mut self.stream).poll_read(cx, &mut buffer);
            self.hear(&read);
            match read {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                // Where the other side is gone, reading comes to its end as well.
                Poll::Pending if is_gone(&error) => {
                    self.failed = Some(error);
                    return Poll::Pending;
                }
                _ => return Poll::Ready(Err(error)),
            }
        }
    }

    /// What was not told yet of an earlier failure to write.
    fn earlier<T>(&mut self) -> Option<Poll<io::Result<T>>> {
        self.failed.take().map(|error| Poll::Ready(Err(error)))
    }
}

fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
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
        let earlier = self.earlier();
        let written = earlier.unwrap_or_else(|| Pin::new(&mut self.stream).poll_write(cx, bytes));
        self.ask(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let earlier = self.earlier();
        let flushed = earlier.unwrap_or_else(|| Pin::new(&mut self.stream).poll_flush(cx));
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
        let earlier = self.earlier();
        let stream = &mut self.stream;
        let written = earlier.unwrap_or_else(|| Pin::new(stream).poll_write_vectored(cx, buffers));
        self.ask(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
