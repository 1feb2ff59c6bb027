//! The network between a program and its peer, which can be made slow, silent or
//! closed while it is in use.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};

use crate::receiver::runtime;

/// What becomes of what is sent through a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    Open,
    /// Each piece waits that long.
    Slow(Duration),
    /// Nothing passes and nothing is said; what was sent passes later.
    Silent,
    /// Connections are reset, those that are there and those that come.
    Shut,
}

/// An address whose connections go on to another. Gone when dropped, with all of them.
pub struct Gate {
    pub address: SocketAddr,
    passage: Arc<watch::Sender<Passage>>,
    runtime: Option<Runtime>,
}

impl Gate {
    pub fn before(target: SocketAddr) -> Self {
        let runtime = runtime();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let passage = Arc::new(watch::Sender::new(Passage::Open));
        let sender = Arc::clone(&passage);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(pass(stream, target, sender.subscribe()));
                }
            }
        });
        Self { address, passage, runtime: Some(runtime) }
    }

    pub fn set(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn pass(stream: TcpStream, target: SocketAddr, mut passage: watch::Receiver<Passage>) {
    // So that it is reset when it is dropped with something unread or unsent.
    let _ = stream.set_zero_linger();
    let _ = stream.set_nodelay(true);
    if *passage.borrow() == Passage::Shut {
        return;
    }
    let Ok(onward) = TcpStream::connect(target).await else { return };
    let _ = onward.set_nodelay(true);
    let (mut from, mut to) = (stream.into_split(), onward.into_split());
    let (there, back) = (passage.clone(), passage.clone());
    tokio::select! {
        () = async { tokio::join!(
            pump(&mut from.0, &mut to.1, there),
            pump(&mut to.0, &mut from.1, back),
        ); } => {}
        _ = passage.wait_for(|passage| *passage == Passage::Shut) => {}
    }
}

async fn pump(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut passage: watch::Receiver<Passage>,
) {
    let mut piece = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        let Ok(now) = passage.wait_for(|passage| *passage != Passage::Silent).await.map(|p| *p)
        else {
            return;
        };
        if let Passage::Slow(time) = now {
            tokio::time::sleep(time).await;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}
